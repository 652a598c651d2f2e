package spark

import (
	"strings"

	"github.com/headrace/headrace/server/command/execve"
)

// imageSpark is where Spark is in the original's image. A user who sets SPARK_HOME to it changes nothing.
const imageSpark = "/usr/lib/spark"

// platforms are variables of a worker that only the platform sets.
var platforms = map[string]bool{
	"SPARK_HOME":           true,
	"SPARK_CONF_DIR":       true,
	"SPARK_LOCAL_DIRS":     true,
	"SPARK_LOCAL_HOSTNAME": true,
	"SPARK_LOCAL_IP":       true,
	"_SPARK_AUTH_SECRET":   true,
}

// checkEnvironments refuses variables that would break the platform, or that no process can have, before a node would
// refuse them.
func (l levels) checkEnvironments() error {
	for _, key := range l.Names() {
		for _, prefix := range []string{driverEnv, executorEnv} {
			name, found := strings.CutPrefix(key, prefix)
			if !found {
				continue
			}
			if err := l.checkVariable(key, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l levels) checkVariable(key, name string) error {
	value := l.Value(key)
	switch {
	case name == "SPARK_HOME" && strings.TrimRight(value, "/") == imageSpark: // what it is in the image
		return nil
	case platforms[name] || strings.HasPrefix(name, "HEADRACE_"):
		return l.Hidden(key, "Headrace sets this variable for every worker; leave it out")
	case name == "":
		return l.Hidden(key, "write the variable's name after the last dot")
	}
	if err := execve.Variable(name, value); err != nil {
		return l.Hidden(key, "%w", err)
	}
	return nil
}
