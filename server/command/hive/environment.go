package hive

import (
	"maps"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/execve"
)

// Properties under these prefixes set environment variables: of all processes, of the Tez application master, of Tez
// tasks.
const (
	allEnv     = "hive.headrace.launch.env."
	tezAMEnv   = "tez.am.headrace.launch.env."
	tezTaskEnv = "tez.task.headrace.launch.env."
)

// awsSpelling gives each prefix as submissions for the original write it.
var awsSpelling = map[string]string{
	allEnv:     "hive.emr-serverless.launch.env.",
	tezAMEnv:   "tez.am.emr-serverless.launch.env.",
	tezTaskEnv: "tez.task.emr-serverless.launch.env.",
}

// ownSpelling returns a property's name as this package reads it.
func ownSpelling(key string) string {
	for own, aws := range awsSpelling {
		if name, found := strings.CutPrefix(key, aws); found {
			return own + name
		}
	}
	return key
}

func isEnvironment(key string) bool {
	return strings.HasPrefix(key, allEnv) || strings.HasPrefix(key, tezAMEnv) || strings.HasPrefix(key, tezTaskEnv)
}

// readEnvironments gives every process the variables for all processes and its own, which win.
func readEnvironments(s *Settings, l levels) (err error) {
	if s.DriverEnv, err = l.under(allEnv, nil); err != nil {
		return err
	}
	if s.TezAMEnv, err = l.under(tezAMEnv, s.DriverEnv); err != nil {
		return err
	}
	s.TezTaskEnv, err = l.under(tezTaskEnv, s.DriverEnv)
	return err
}

// under returns the variables that a prefix sets, beside those that are there already, which it may replace.
func (l levels) under(prefix string, already map[string]string) (map[string]string, error) {
	found := map[string]string{}
	maps.Copy(found, already)
	for _, key := range l.Names() {
		name, under := strings.CutPrefix(key, prefix)
		if !under {
			continue
		}
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(l.Value(key), "\x00") {
			return nil, errs.Field(l.Field(key),
				"%sKEY cannot be set: KEY must not be empty or have =, and neither key nor value a zero byte",
				prefix)
		}
		if err := execve.Variable(name, l.Value(key)); err != nil {
			return nil, errs.Field(l.Field(key), "%s=***: %w", key, err)
		}
		found[name] = l.Value(key)
	}
	if err := execve.Total(execve.EnvironmentSize(found)); err != nil {
		return nil, errs.Field(parametersField, "%s*: %w", prefix, err)
	}
	return found, nil
}
