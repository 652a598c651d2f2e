package spark

import (
	"math"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command/property"
)

// The tests of this file are the cases of the specification of jobs, section 17, that are about what a submission
// means.

// refusedAs holds that a submission is invalid, with the field and these words.
func refusedAs(t *testing.T, in Input, field string, said ...string) {
	t.Helper()
	_, err := Resolve(in)
	e, _ := err.(*errs.Error)
	if e == nil || e.Kind != errs.Invalid || e.Field != field {
		t.Errorf("%+v gives %v, not an invalid %s", in, err, field)
		return
	}
	for _, words := range said {
		if !strings.Contains(e.Message, words) {
			t.Errorf("%q lacks %q", e.Message, words)
		}
	}
}

// The vectors of section 7.6: memory with its overhead, rounded up the ladder.
func TestCase10_SizingVectors(t *testing.T) {
	for _, c := range []struct {
		cores, memory string
		wantGB        int64
	}{
		{"4", "14G", 16},
		{"4", "20g", 22},
		{"4", "16g", 18},
		{"1", "4g", 5},
		{"4", "10G", 11},
		{"2", "6G", 7},
		{"4", "27g", 30},
		{"4", "3g", 8},
		{"1", "3g", 4},
	} {
		for _, role := range []string{"driver", "executor"} {
			s := resolve(t, given("--conf spark."+role+".cores="+c.cores+" --conf spark."+role+".memory="+c.memory))
			size := map[string]resource.Size{"driver": s.Driver, "executor": s.Executor}[role]
			if size.MemoryMiB != c.wantGB<<10 {
				t.Errorf("a %s of %s cores and %s holds %s, not %d GB", role, c.cores, c.memory,
					resource.FormatMiB(size.MemoryMiB), c.wantGB)
			}
		}
	}
	refusedAs(t, given("--executor-cores 4 --executor-memory 28g"), parametersField, "28g", "30 GB")
	refusedAs(t, given("--executor-cores 3"), parametersField, "1, 2, 4, 8 or 16")
}

func TestCase11_DiskSizesAndTypes(t *testing.T) {
	const fast = "--conf spark.emr-serverless.executor.disk.type=shuffle_optimized "
	const disk = "--conf spark.emr-serverless.executor.disk="
	for size, wantGB := range map[string]int64{"20G": 20, "2T": 2048, "2000G": 2000} {
		s := resolve(t, given(fast+disk+size))
		if s.Executor.DiskMiB != wantGB<<10 || s.Executor.Disk != resource.DiskShuffleOptimized {
			t.Errorf("a shuffle-optimised disk of %s is %+v", size, s.Executor)
		}
	}
	refusedAs(t, given(fast+disk+"19G"), parametersField, "19 GB")
	refusedAs(t, given(fast+disk+"2151G"), parametersField, "2151 GB")
	refusedAs(t, given(fast+disk+"2.1T"), parametersField, "=2.1T", "2048 GB")
	refusedAs(t, given(disk+"much"), parametersField, "=much", "20G")
	refusedAs(t, given(disk+"201G"), parametersField, "201 GB", "200 GB")
	refusedAs(t, given(disk+"19G"), parametersField, "19 GB")
	old := given(fast)
	old.ReleaseLabel = "emr-7.0.0"
	refusedAs(t, old, parametersField, "emr-7.0.0", "emr-7.1.0")
	old.Parameters = strings.Replace(fast, "shuffle_optimized", "Standard", 1)
	resolve(t, old)
}

// The level of the platform is TestResolve_LeavesOutWhatThePlatformSets; the run's classification replacing the
// application's whole is in packages configuration and command.
func TestCase13_SparkPrecedence(t *testing.T) {
	const key = "spark.executor.memory"
	in := given("")
	if got := resolve(t, in).Properties[key]; got != "14336m" {
		t.Errorf("the release's default is %s", got)
	}
	in.Defaults = from(application, map[string]string{key: "5g"})
	if got := resolve(t, in).Properties[key]; got != "5120m" {
		t.Errorf("over it stands %s", got)
	}
	in.Parameters = "--conf " + key + "=6g"
	if got := resolve(t, in).Properties[key]; got != "6144m" {
		t.Errorf("over that stands %s", got)
	}
	in.Parameters = "--conf spark.driver.host=elsewhere --conf spark.blockManager.port=1"
	if s := resolve(t, in); s.Properties["spark.driver.host"] != "" || s.Properties["spark.blockManager.port"] != "" {
		t.Errorf("what the platform sets is taken from the user: %v", s.Properties)
	}
}

func TestCase15_MaxExecutorsByRelease(t *testing.T) {
	for label, want := range map[string]uint32{
		"emr-6.9.0":  100,
		"emr-6.6.0":  100,
		"emr-6.10.0": math.MaxUint32,
		"emr-7.2.0":  math.MaxUint32,
		"ours":       math.MaxUint32,
	} {
		in := given("")
		in.ReleaseLabel = label
		if s := resolve(t, in); s.Maximum != want {
			t.Errorf("%s allows %d executors by default, not %d", label, s.Maximum, want)
		}
	}
}

func TestResolve_PacesARunThatAsksForIt(t *testing.T) {
	for value, want := range map[string]bool{"true": true, "True": true, "false": false} {
		in := given("")
		in.Service = from(overrides+"[spark]", map[string]string{optimization: value})
		if s := resolve(t, in); s.Paced != want {
			t.Errorf("%s gives %t", value, s.Paced)
		}
	}
	in := given("--conf spark.dynamicAllocation.enabled=false")
	in.Service = from(overrides+"[spark]", map[string]string{optimization: "true"})
	if resolve(t, in).Paced {
		t.Error("a fixed number of executors is paced")
	}
	for _, value := range []string{"perhaps", ""} {
		in.Service = from(overrides+"[spark]", map[string]string{optimization: value})
		refusedAs(t, in, overrides+"[spark]", optimization+"="+value, "true or false")
	}
	in.Service.Properties = map[string]string{"maximizeResourceAllocation": "true"}
	refusedAs(t, in, overrides+"[spark]", "maximizeResourceAllocation", optimization)
}

func TestResolve_RefusesVariablesOfThePlatform(t *testing.T) {
	for _, key := range []string{
		"spark.emr-serverless.driverEnv.SPARK_HOME", "spark.executorEnv.SPARK_CONF_DIR", "spark.executorEnv.HEADRACE_X",
	} {
		refusedAs(t, given("--conf "+key+"=hunter2"), parametersField, key[strings.LastIndex(key, ".")+1:],
			"leave it out", "***")
	}
	s := resolve(t,
		given("--conf spark.emr-serverless.driverEnv.SPARK_HOME=/usr/lib/spark "+
			"--conf spark.executorEnv.JAVA_HOME=/usr/lib/jvm/java-17"))
	if s.DriverEnv["SPARK_HOME"] != "/usr/lib/spark" || s.ExecutorEnv["JAVA_HOME"] != "/usr/lib/jvm/java-17" {
		t.Errorf("environments %v and %v", s.DriverEnv, s.ExecutorEnv)
	}
}

func TestResolve_RefusesVariablesThatNoProcessCanHave(t *testing.T) {
	for key, value := range map[string]string{
		"spark.executorEnv.":        "x",
		"spark.headrace.driverEnv.": "x",
		"spark.executorEnv.A=B":     "x",
		"spark.executorEnv.A":       "x\x00",
	} {
		in := given("")
		in.Defaults = from(run, map[string]string{key: value})
		refusedAs(t, in, run, key, "name")
	}
}

// Whatever makes a worker larger than the ladder is looked for where it was set.
func TestResolve_NamesTheFieldOfWhatMadeASize(t *testing.T) {
	for key, value := range map[string]string{
		"spark.driver.memoryOverhead":         "100g",
		"spark.executor.memoryOverheadFactor": "50",
		sharedFactor:                          "50",
		pysparkMemory:                         "100g", "spark.headrace.executor.disk": "300G",
	} {
		in := given("--conf spark.headrace.driver.disk=30G --conf spark.executorEnv.A=b")
		in.Defaults = from(application, map[string]string{key: value})
		refusedAs(t, in, application, "a worker")
	}
	in := given("--executor-memory 4g")
	in.Defaults = from(run, map[string]string{"spark.headrace.executor.disk": "300G"})
	refusedAs(t, in, run, "300 GB")
	in = given("--conf " + offHeapEnabled + "=true")
	in.Defaults = from(run, map[string]string{offHeapSize: "100g"})
	refusedAs(t, in, run, "overhead")
}

func TestResolve_TakesTheSpellingWithPrefixOfASitesProperty(t *testing.T) {
	in := given("")
	in.Hadoop = []property.Level{from(run, map[string]string{"b": "without", "spark.hadoop.b": "with"})}
	for range 20 { // the order of a map differs
		if got := resolve(t, in).Properties["spark.hadoop.b"]; got != "with" {
			t.Fatalf("it is the one %s prefix", got)
		}
	}
}
