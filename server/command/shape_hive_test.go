package command_test

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// hiveDirectories is what every Hive run has to say.
const hiveDirectories = "--hiveconf hive.exec.scratchdir=s3://b/s --hiveconf hive.metastore.warehouse.dir=s3://b/w "

const noEngine = "this cluster has no Hive engine yet"

// hiveWorld has the application hive with both mandatory directories in its hive-site.
func hiveWorld(t *testing.T) *world {
	w := newWorld(t)
	settings := site("hive-site", map[string]string{
		"hive.exec.scratchdir": "s3://b/s", "hive.metastore.warehouse.dir": "s3://b/w", "hive.driver.cores": "4",
	})
	w.given(create("hive", auto, engine(state.EngineHive, "emr-7.2.0"), limited(16, 0, 0), inheriting(settings)))
	return w
}

func submitHive(parameters string, configuration ...*specv1.Configuration) *command.StartJobRun {
	return submit("r", 0, in("hive"), program(hiveDriver(parameters)), own(configuration...))
}

// Every other fault is told before the one that no user can mend.
func TestStartJobRun_OnHiveIsValidatedWholeBeforeItIsRefused(t *testing.T) {
	const (
		parameters = "spec.driver.hive.parameters"
		overrides  = "spec.configuration_overrides.application_configuration"
	)
	w := hiveWorld(t)
	for _, c := range []struct {
		run  *command.StartJobRun
		kind errs.Kind
		said string
	}{
		{submitHive(""), errs.Invalid, noEngine},
		{submitHive("--hive a=b"), errs.Invalid, parameters + ": cannot read word 1"},
		{submitHive("--hiveconf hive.tez.cpu.vcores=3"), errs.Invalid, parameters + ": hive.tez.cpu.vcores=3"},
		{submitHive("--hiveconf hive.driver.cores=16 --hiveconf hive.driver.memory=32G"), errs.Invalid, noEngine},
		{
			submitHive("", site("tez-site", map[string]string{"hive.driver.memory": "31G"})), errs.Invalid,
			overrides + "[tez-site]: hive.driver.cores=4, hive.driver.memory=31G",
		},
		{
			submitHive("", site("hive-site", nil)), errs.Invalid,
			overrides + "[hive-site]: cannot run Hive without hive.exec.scratchdir and hive.metastore.warehouse.dir",
		},
		{
			submitHive("", site("hive-site", map[string]string{"hive.log.level": "WARN"})), errs.Invalid,
			overrides + "[hive-site]: cannot run Hive without hive.exec.scratchdir",
		},
		{submitHive(hiveDirectories, site("hive-site", nil)), errs.Invalid, noEngine},
		{
			submitHive(hiveDirectories, site("hive-site", map[string]string{"hive.driver.cores": "3"})), errs.Invalid,
			overrides + "[hive-site]: hive.driver.cores=3",
		},
		{
			submitHive(hiveDirectories, site("hive-site", map[string]string{"hive.driver.memory": "17G"})),
			errs.Invalid,
			"hive.driver.cores=2, hive.driver.memory=17G",
		},
		{
			submitHive("--hivevar a=b", site("core-site", map[string]string{"fs.s3a.endpoint": "x"})), errs.Invalid,
			noEngine,
		},
	} {
		w.refuses(c.run, c.kind, c.said)
	}
}

// A driver alone that is over the application's limit is too large, also on Hive.
func TestStartJobRun_OnHiveHasToFit(t *testing.T) {
	w := newWorld(t)
	w.given(create("hive", auto, engine(state.EngineHive, "emr-7.2.0"), limited(3, 0, 0)))
	w.refuses(submitHive(hiveDirectories+"--hiveconf hive.driver.cores=4"), errs.TooLarge,
		"maximum capacity of application hive is 3 vCPU")
	w.refuses(submitHive(hiveDirectories), errs.Invalid, noEngine)
}

// The same key at all levels: parameters, the run's configuration, the application's, and the files under hive-site.
func TestCase13_HivePrecedence(t *testing.T) {
	const key = "hive.driver.cores"
	level := func(name, value string) *specv1.Configuration { return site(name, map[string]string{key: value}) }
	all := []*specv1.Configuration{level("hive-site", "2"), level("tez-site", "4"), level("core-site", "8")}
	for _, c := range []struct {
		inherited  []*specv1.Configuration
		parameters string
		want       string
	}{
		{nil, "", "2"},
		{all[2:], "", "8"},
		{all[1:], "", "4"},
		{all, "", "2"},
		{all, "--hiveconf hive.driver.cores=1", "1"},
	} {
		run := submitHive(hiveDirectories + c.parameters).Spec
		s, err := command.HiveSettings("emr-7.2.0", inheritance(c.inherited...), run)
		if err != nil || s.Site[key] != c.want {
			t.Errorf("%v under %q: %q, %v, want %s", c.inherited, c.parameters, s.Site[key], err, c.want)
		}
	}
	s, err := command.HiveSettings("emr-7.2.0", inheritance(all...), submitHive(hiveDirectories).Spec)
	if err != nil || s.Driver.MilliCPU != 2000 || s.Task.Disk != resource.DiskStandard {
		t.Errorf("%+v, %v", s, err)
	}
}
