package hive

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command/property"
)

// The fields of a request that errors name, beside Input.SiteField.
const (
	queryField      = "spec.driver.hive.query"
	parametersField = "spec.driver.hive.parameters"
)

// Input is what a submission says, by level.
type Input struct {
	ReleaseLabel  string            // decides defaults; a label of unknown form counts as new
	Under         []property.Level  // the site files under hive-site, the lowest first
	Site          map[string]string // the run's effective hive-site
	SiteField     string            // where Site comes from, for errors; empty: the run's own hive-site
	Parameters    string            // --hiveconf and --hivevar, as a shell would read them, without expansion
	Query         string            // the URI of the file with the query
	InitQueryFile string            // the URI of a file that is run before; may be empty
}

// Settings is what a submission means.
type Settings struct {
	Query, InitQueryFile string

	Site map[string]string // everything for hive-site.xml
	Vars map[string]string // Hive's variables, from --hivevar

	Driver, Task  resource.Size // what the workers hold on their nodes
	DriverHeapMiB int64         // of the command line, and once more of the Tez application master: they share Driver

	DriverEnv, TezAMEnv, TezTaskEnv map[string]string

	Initial  uint32 // Tez tasks at the start: those that hive.prewarm.enabled asks for; at most MaxTasks
	MaxTasks uint32 // Tez tasks at most at a time; at least 1
}

// Resolve returns what a submission means. Its errors are of kind Invalid and name the level in Field.
func Resolve(in Input) (Settings, error) {
	if in.SiteField == "" {
		in.SiteField = "spec.configuration_overrides.application_configuration[hive-site]"
	}
	if strings.TrimSpace(in.Query) == "" {
		return Settings{}, errs.Field(queryField, "cannot be empty: give the URI of a file with the query")
	}
	p, err := readParameters(in.Parameters)
	if err != nil {
		return Settings{}, err
	}
	set := merge(in, p.conf)
	if err := set.check(in); err != nil {
		return Settings{}, err
	}
	s := Settings{Query: in.Query, InitQueryFile: in.InitQueryFile, Vars: p.vars}
	for _, settle := range []func(*Settings, levels) error{sizeDriver, sizeTask, countTasks, readEnvironments} {
		if err := settle(&s, set); err != nil {
			return Settings{}, err
		}
	}
	s.Site = set.final()
	return s, nil
}

// check holds that what Hive needs is there, and that the release has what is asked for.
func (l levels) check(in Input) error {
	if err := l.checkMandatory(in.SiteField); err != nil {
		return err
	}
	if err := l.checkDisks(in.ReleaseLabel); err != nil {
		return err
	}
	if err := l.CheckRoles(in.ReleaseLabel, ""); err != nil {
		return err
	}
	return l.CheckSupport()
}

// checkMandatory holds that Hive knows where to write. Its error names everything that is missing.
func (l levels) checkMandatory(field string) error {
	var missing []string
	for _, key := range []string{scratchDir, warehouseDir} {
		if l.Text(key) == "" {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if l.Asked(missing[0]) { // it is there, and empty
		field = l.Field(missing[0])
	}
	return errs.Field(field,
		"cannot run Hive without %s: set it in the classification hive-site, of which a run's replaces the whole of "+
			"its application's, or with --hiveconf %s=URI in %s",
		strings.Join(missing, " and "), missing[0], parametersField)
}
