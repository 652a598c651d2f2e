package hive

import (
	"maps"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

// The fields of levels, as package command names them.
const (
	hiveSite  = "spec.configuration_overrides.application_configuration[hive-site]"
	emrfsSite = "spec.configuration_overrides.application_configuration[emrfs-site]"
	inherited = "spec.runtime_configuration[hive-site]"
)

// directories is what every run has to say.
const directories = "--hiveconf hive.exec.scratchdir=s3://b/scratch " +
	"--hiveconf hive.metastore.warehouse.dir=s3://b/warehouse "

// given returns a submission with these parameters beside the mandatory ones; tests change what they are about.
func given(parameters string) Input {
	return Input{ReleaseLabel: "emr-7.2.0", Query: "s3://b/query.sql", Parameters: directories + parameters}
}

// withSite returns a submission with these properties in its hive-site.
func withSite(site map[string]string) Input {
	in := given("")
	in.Site = site
	return in
}

func resolve(t *testing.T, in Input) Settings {
	t.Helper()
	s, err := Resolve(in)
	if err != nil {
		t.Fatalf("cannot resolve %+v: %v", in, err)
	}
	return s
}

func size(cores, memoryGiB, diskGiB int64, disk resource.DiskType) resource.Size {
	return resource.Size{
		Vector: resource.Vector{MilliCPU: cores * 1000, MemoryMiB: memoryGiB << 10, DiskMiB: diskGiB << 10},
		Disk:   disk,
	}
}

func TestCase12_MandatoryHiveProperties(t *testing.T) {
	both := map[string]string{scratchDir: "s3://b/s", warehouseDir: "s3://b/w"}
	for _, accepted := range []Input{
		{Site: both},
		{Parameters: directories},
		{
			Site:       map[string]string{scratchDir: "s3://b/s"},
			Parameters: "--hiveconf hive.metastore.warehouse.dir=s3://b/w",
		},
	} {
		accepted.Query = "s3://b/q.sql"
		s := resolve(t, accepted)
		if s.Site[scratchDir] == "" || s.Site[warehouseDir] == "" {
			t.Errorf("the directories are not in the hive-site: %v", s.Site)
		}
	}
	for _, c := range []struct {
		in    Input
		field string
		said  string
	}{
		{Input{}, hiveSite, scratchDir + " and " + warehouseDir},
		{
			Input{Site: map[string]string{scratchDir: "x"}, SiteField: inherited},
			inherited,
			"without " + warehouseDir + ":",
		},
		{Input{Parameters: "--hiveconf hive.metastore.warehouse.dir=x"}, hiveSite, "without " + scratchDir + ":"},
		{
			Input{Site: both, Parameters: "--hiveconf hive.exec.scratchdir="},
			parametersField,
			"without " + scratchDir + ":",
		},
	} {
		c.in.Query = "s3://b/q.sql"
		_, err := Resolve(c.in)
		wantInvalid(t, err, c.field, c.said, "hive-site", "--hiveconf")
	}
}

// The same key at all levels: parameters, hive-site (whose own levels the caller has merged), the release.
func TestCase13_HivePrecedence(t *testing.T) {
	const key = "hive.log.level"
	if got := resolve(t, given("")).Site[key]; got != "INFO" {
		t.Errorf("the release's default is %q", got)
	}
	in := withSite(map[string]string{key: "WARN", "mine": "site"})
	if s := resolve(t, in); s.Site[key] != "WARN" || s.Site["mine"] != "site" {
		t.Errorf("the hive-site gives %v", s.Site)
	}
	in.Parameters += " --hiveconf hive.log.level=ERROR --hiveconf=hive.log.level=DEBUG"
	if got := resolve(t, in).Site[key]; got != "DEBUG" {
		t.Errorf("parameters and hive-site give %q", got)
	}
}

func TestCase14_LaunchEnvironment(t *testing.T) {
	s := resolve(t, withSite(map[string]string{
		"hive.emr-serverless.launch.env.ALL": "1", "hive.emr-serverless.launch.env.X": "all",
		"tez.am.emr-serverless.launch.env.X": "am", "tez.task.emr-serverless.launch.env.X": "task",
		"tez.am.headrace.launch.env.AM": "2", "tez.task.headrace.launch.env.TASK": "3",
		"hive.emr-serverless.launch.env.TWICE": "theirs", "hive.headrace.launch.env.TWICE": "ours",
	}))
	for name, c := range map[string]struct{ got, want map[string]string }{
		"driver": {s.DriverEnv, map[string]string{"ALL": "1", "X": "all", "TWICE": "ours"}},
		"AM":     {s.TezAMEnv, map[string]string{"ALL": "1", "X": "am", "TWICE": "ours", "AM": "2"}},
		"task":   {s.TezTaskEnv, map[string]string{"ALL": "1", "X": "task", "TWICE": "ours", "TASK": "3"}},
	} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("the %s has %v, want %v", name, c.got, c.want)
		}
	}
	for key := range s.Site {
		if strings.Contains(key, "launch.env") {
			t.Errorf("%s is in the hive-site", key)
		}
	}
}

// A variable of one process wins over the same of all, though that was set at a higher level; of spellings the level
// decides.
func TestLaunchEnvironment_NarrowerWinsOverHigher(t *testing.T) {
	in := withSite(map[string]string{"tez.task.headrace.launch.env.X": "task", "tez.am.headrace.launch.env.Y": "low"})
	in.Parameters += " --hiveconf hive.emr-serverless.launch.env.X=all" +
		" --hiveconf tez.am.emr-serverless.launch.env.Y=high"
	s := resolve(t, in)
	if s.TezTaskEnv["X"] != "task" || s.DriverEnv["X"] != "all" || s.TezAMEnv["X"] != "all" || s.TezAMEnv["Y"] != "high" {
		t.Errorf("environments are %v, %v, %v", s.DriverEnv, s.TezAMEnv, s.TezTaskEnv)
	}
}

// The examples of the specification (jobs 9.6, 9.7 and 5.13).
func TestResolve_Examples(t *testing.T) {
	small := size(2, 4, 20, resource.DiskStandard)
	s := resolve(t, Input{
		ReleaseLabel: "emr-6.6.0",
		Query:        "s3://b/hive-query.ql",
		Parameters:   "--hiveconf hive.log.explain.output=false",
		Site: map[string]string{
			scratchDir:   "s3://b/hive/scratch",
			warehouseDir: "s3://b/hive/warehouse",
			driverCores:  "2",
			driverMemory: "4g",
			taskMemory:   "4096", taskCores: "1",
		},
	})
	if s.Driver != small || s.Task != size(1, 4, 20, resource.DiskStandard) || s.DriverHeapMiB != 1638 ||
		s.Site["hive.log.explain.output"] != "false" {
		t.Errorf("9.6 gives %+v", s)
	}
	s = resolve(t, Input{
		ReleaseLabel:  "emr-6.6.0",
		Query:         "s3://b/q.ql",
		InitQueryFile: "s3://b/init.ql",
		Parameters:    directories,
		Site:          map[string]string{"hive.client.cores": "2", "hive.client.memory": "4GIB"},
	})
	if s.Driver != size(2, 6, 20, resource.DiskStandard) || s.Site["hive.client.memory"] != "4GIB" ||
		s.InitQueryFile != "s3://b/init.ql" {
		t.Errorf("9.7: the unknown names do not pass through as they are: %+v", s)
	}
	in := given("--hiveconf hive.log.explain.output=false")
	in.Site = map[string]string{
		driverCores: "2", driverMemory: "4g", taskMemory: "4096", taskCores: "1",
		"hive.driver.disk.type": "shuffle_optimized", "hive.tez.disk.type": "shuffle_optimized",
	}
	s = resolve(t, in)
	if s.Driver != size(2, 4, 20, resource.DiskShuffleOptimized) ||
		s.Task != size(1, 4, 20, resource.DiskShuffleOptimized) {
		t.Errorf("5.13 gives %+v", s)
	}
}

func TestResolve_KeepsVariablesApart(t *testing.T) {
	s := resolve(t, given(`--hivevar table=t --hivevar='day=2024-01-01 00:00' --hivevar table=u=v --hiveconf x=y`))
	if !maps.Equal(s.Vars, map[string]string{"table": "u=v", "day": "2024-01-01 00:00"}) || s.Site["x"] != "y" ||
		s.Site["table"] != "" {
		t.Errorf("variables are %v, hive-site %v", s.Vars, s.Site)
	}
}

func TestResolve_CountsTasks(t *testing.T) {
	for parameters, want := range map[string][2]uint32{
		"": {0, 1000},
		"--hiveconf hive.prewarm.numcontainers=7":                                         {0, 1000},
		"--hiveconf hive.prewarm.enabled=TRUE":                                            {10, 1000},
		"--hiveconf hive.prewarm.enabled=true --hiveconf hive.max-task-containers=4":      {4, 4},
		"--hiveconf hive.prewarm.enabled=true --hiveconf hive.prewarm.numcontainers=1000": {1000, 1000},
	} {
		if s := resolve(t, given(parameters)); s.Initial != want[0] || s.MaxTasks != want[1] {
			t.Errorf("%s: %d of %d tasks, want %v", parameters, s.Initial, s.MaxTasks, want)
		}
	}
}

func wantInvalid(t *testing.T, err error, field string, said ...string) {
	t.Helper()
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("want an invalid %s, got %v", field, err)
		return
	}
	for _, part := range append(said, field+": ") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\ndoes not say %q", err, part)
		}
	}
}
