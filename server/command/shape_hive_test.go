package command_test

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// hiveDirectories is what every Hive run has to say.
const hiveDirectories = "--hiveconf hive.exec.scratchdir=s3://b/s --hiveconf hive.metastore.warehouse.dir=s3://b/w "

const noEngine = "this cluster has no Hive engine yet"

// site is a configuration with one classification.
func site(classification string, properties map[string]string) state.Configuration {
	return state.Configuration{Classification: classification, Properties: properties}
}

// hiveWorld has the application hive with both mandatory directories in its hive-site.
func hiveWorld(t *testing.T) *world {
	w := newWorld(t)
	w.given(w.create("hive", func(a *state.Application) {
		a.AutoStart, a.Engine, a.Release, a.Limit = true, state.EngineHive, "emr-7.2.0", gib(16, 0, 0)
		a.Configuration = []state.Configuration{site("hive-site", map[string]string{
			"hive.exec.scratchdir": "s3://b/s", "hive.metastore.warehouse.dir": "s3://b/w", "hive.driver.cores": "4"})}
	}))
	return w
}

func submitHive(parameters string, configuration ...state.Configuration) *command.StartJobRun {
	return submit("r", 0, func(c *command.StartJobRun) {
		c.ApplicationID, c.Submission.Process = "hive", nil
		c.Submission.Hive = &state.Hive{Query: "s3://b/q.sql", Parameters: parameters}
		c.Submission.Configuration = configuration
	})
}

// Every other fault is told before the one that no user can mend.
func TestStartJobRun_OnHiveIsValidatedWholeBeforeItIsRefused(t *testing.T) {
	w := hiveWorld(t)
	for _, c := range []struct {
		run  *command.StartJobRun
		kind errs.Kind
		said string
	}{
		{submitHive(""), errs.Invalid, noEngine},
		{submitHive("--hive a=b"), errs.Invalid, "hive.parameters: cannot read word 1"},
		{submitHive("--hiveconf hive.tez.cpu.vcores=3"), errs.Invalid, "hive.parameters: hive.tez.cpu.vcores=3"},
		{submitHive("--hiveconf hive.driver.cores=16 --hiveconf hive.driver.memory=32G"), errs.Invalid, noEngine},
		{submitHive("", site("tez-site", map[string]string{"hive.driver.memory": "31G"})), errs.Invalid, "configuration.tez-site: hive.driver.cores=4, hive.driver.memory=31G"},
		{submitHive("", site("hive-site", nil)), errs.Invalid, "configuration.hive-site: cannot run Hive without hive.exec.scratchdir and hive.metastore.warehouse.dir"},
		{submitHive("", site("hive-site", map[string]string{"hive.log.level": "WARN"})), errs.Invalid, "configuration.hive-site: cannot run Hive without hive.exec.scratchdir"},
		{submitHive(hiveDirectories, site("hive-site", nil)), errs.Invalid, noEngine},
		{submitHive(hiveDirectories, site("hive-site", map[string]string{"hive.driver.cores": "3"})), errs.Invalid, "configuration.hive-site: hive.driver.cores=3"},
		{submitHive(hiveDirectories, site("hive-site", map[string]string{"hive.driver.memory": "17G"})), errs.Invalid, "hive.driver.cores=2, hive.driver.memory=17G"},
		{submitHive("--hivevar a=b", site("core-site", map[string]string{"fs.s3a.endpoint": "x"})), errs.Invalid, noEngine},
	} {
		w.refuses(c.run, c.kind, c.said)
	}
}

// A driver alone that is over the application's limit is too large, also on Hive.
func TestStartJobRun_OnHiveHasToFit(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("hive", func(a *state.Application) {
		a.AutoStart, a.Engine, a.Release, a.Limit = true, state.EngineHive, "emr-7.2.0", gib(3, 0, 0)
	}))
	w.refuses(submitHive(hiveDirectories+"--hiveconf hive.driver.cores=4"), errs.TooLarge, "maximum capacity of application hive is 3 vCPU")
	w.refuses(submitHive(hiveDirectories), errs.Invalid, noEngine)
}

// The same key at all levels: parameters, the run's configuration, the application's, and the files under hive-site.
func TestCase13_HivePrecedence(t *testing.T) {
	const key = "hive.driver.cores"
	level := func(value string) map[string]string { return map[string]string{key: value} }
	application := state.Settings{Configuration: []state.Configuration{site("hive-site", level("2")), site("tez-site", level("4")), site("core-site", level("8"))}}
	for _, c := range []struct {
		effective  []state.Configuration
		parameters string
		want       string
	}{
		{nil, "", "2"},
		{[]state.Configuration{site("core-site", level("8"))}, "", "8"},
		{[]state.Configuration{site("tez-site", level("4")), site("core-site", level("8"))}, "", "4"},
		{application.Configuration, "", "2"},
		{application.Configuration, "--hiveconf hive.driver.cores=1", "1"},
	} {
		submission := &state.Submission{Hive: &state.Hive{Query: "s3://b/q.sql", Parameters: hiveDirectories + c.parameters}}
		s, err := command.HiveSettings("emr-7.2.0", state.Settings{Configuration: c.effective}, submission)
		if err != nil || s.Site[key] != c.want {
			t.Errorf("%v under %q: %q, %v, want %s", c.effective, c.parameters, s.Site[key], err, c.want)
		}
	}
	if s, err := command.HiveSettings("emr-7.2.0", application, &state.Submission{Hive: &state.Hive{Query: "q", Parameters: hiveDirectories}}); err != nil ||
		s.Driver.MilliCPU != 2000 || s.Task.Disk != resource.DiskStandard {
		t.Errorf("%+v, %v", s, err)
	}
}
