package spark

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
)

// jvmIn returns a JVM of a worker in a directory.
func jvmIn(dir string, change func(*jvm)) jvm {
	j := jvm{
		layout: layout{
			home:    &runtime.Home{Seen: dir},
			java:    "/java",
			release: release.Release{SparkHome: "/spark"},
		},
		heapMiB:  1024,
		milliCPU: 2000,
		options:  []string{"-Dsecret=abc"},
		class:    "c",
		args:     []string{"a"},
	}
	if change != nil {
		change(&j)
	}
	return j
}

func TestNeeds_TellWhatAProcessThatWaitsHasNot(t *testing.T) {
	environment := func(more ...string) []string { return append([]string{"PATH=/bin", "TMPDIR=DIR/tmp"}, more...) }
	in := func(dir string, env []string) []string {
		return strings.Split(strings.ReplaceAll(strings.Join(env, "\n"), "DIR", dir), "\n")
	}
	python := driverPython + "=/bin/python3"
	has := needsOf(jvmIn("/w/waiting", nil), in("/w/waiting", environment(python, warmToken+"=x")))
	option := func(extra string) func(*jvm) { return func(j *jvm) { j.options = append(j.options, extra) } }
	for name, c := range map[string]struct {
		change func(*jvm)
		env    []string
		want   string // part of what is missing; empty: it fits
	}{
		"the same in another directory": {nil, environment(python), ""},
		"other arguments and class": {
			func(j *jvm) { j.class, j.args = "d", nil },
			environment(python),
			"",
		},
		"no Python, as a JAR":            {nil, environment(), ""},
		"what it is told when it begins": {nil, environment(tokenVariable+"=t", secretVariable+"=s"), ""},
		"its class data archive":         {option("-XX:SharedArchiveFile=/a"), environment(), ""},
		"another heap":                   {func(j *jvm) { j.heapMiB = 2048 }, environment(), "option -Xmx2048m"},
		"another class path":             {func(j *jvm) { j.classPath = "/x.jar" }, environment(), "class path"},
		"an option":                      {option("-XX:+UseZGC"), environment(), "option -XX:+UseZGC"},
		"another value, which is not told": {
			func(j *jvm) { j.options = []string{"-Dsecret=xyz"} },
			environment(),
			"the option -Dsecret,",
		},
		"no value": {
			func(j *jvm) { j.options = nil },
			environment(),
			"the option -Dsecret, which it does not need",
		},
		"a variable": {nil, environment("A=password"), "the variable A,"},
		"another Python": {
			nil,
			environment(driverPython + "=./env/bin/python"),
			"the variable " + driverPython + ",",
		},
		"another Java": {func(j *jvm) { j.layout.java = "/java8" }, environment(), "Java /java8/bin/java"},
	} {
		needs := needsOf(jvmIn("/w/run", c.change), in("/w/run", c.env))
		got := needs.missing(has)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) || strings.Contains(got, "password") ||
			strings.Contains(got, "xyz") {
			t.Errorf("%s: missing is %q, want %q", name, got, c.want)
		}
	}
}

// What Spark reads once in a process was read by a rehearsal: a run that sets it is not given that process.
func TestA9_SettingsThatAProcessReadsOnceAreNeeds(t *testing.T) {
	has := needsOf(jvmIn("/w/waiting", nil), nil)
	const once, often = "spark.sql.codegen.cache.maxEntries", "spark.sql.shuffle.partitions"
	set := map[string]string{once: "7", often: "2"}
	needs := needsOf(jvmIn("/w/run", nil), nil).with(onceRead(set))
	if got := needs.missing(has); !strings.Contains(got, "the setting "+once) || strings.Contains(got, often) {
		t.Errorf("missing is %q", got)
	}
	if got := needs.missing(needs); got != "" {
		t.Errorf("the same needs differ: %q", got)
	}
	e, w, _ := attached(t, t.TempDir())
	w.GetSparkDriver().Properties = set
	if said := e.companion(t.Context(), w); said[once] != "7" || said[often] != "" {
		t.Errorf("the agents of executors are told %v", said)
	}
}

// A slot that is warmed for runs with a Python of their own fits them, though that Python is not there before the run
// is.
func TestWarm_FitsRunsWithAPythonOfTheirOwn(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	for name, properties := range map[string]map[string]string{
		"the node's":     nil,
		"its own":        {"spark.pyspark.python": "./environment/bin/python"},
		"of driver only": {"spark.pyspark.driver.python": "./environment/bin/python"},
	} {
		like := driverOf(t, nil, properties)
		waiting, err := e.Warm(t.Context(), like, homeIn(t, filepath.Join(dir, "waiting"+name)))
		if err != nil {
			t.Fatal(err)
		}
		worker := homeIn(t, filepath.Join(dir, "worker"+name))
		runnable(t, filepath.Join(worker.Seen, "environment", "bin", "python"), "exit 0")
		command, err := e.Prepare(t.Context(), like, worker)
		if err != nil {
			t.Fatal(err)
		}
		if differs := waiting.Differs(command); differs != "" {
			t.Errorf("%s: %s", name, differs)
		}
		if over, ok := command.Handover.(handover); !ok || over.start.Python != (properties == nil) {
			t.Errorf("%s: it is told %+v, want that the Python that waits is used for none but the node's", name, over.start)
		}
		waiting.Close()
	}
}
