package spark

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// warmed is a JVM that waits, and its process.
type warmed struct {
	engine.Waiting
	process *exec.Cmd
	home    *runtime.Home
}

// begin makes it the worker of a command.
func (w *warmed) begin(t testing.TB, command runtime.Command) *exec.Cmd {
	t.Helper()
	if differs := w.Differs(command); differs != "" {
		t.Errorf("the process that waits is not what the worker needs: %s", differs)
	}
	if err := w.Begin(t.Context(), command); err != nil {
		t.Error(err)
	}
	return w.process
}

// rehearse warms the driver and its first executor.
func (n *node) rehearse(w *agentv1.AssignedWorker) {
	n.t.Helper()
	n.driver = w
	executor := &agentv1.AssignedWorker{
		MilliCpu:     1000,
		ReleaseLabel: label,
		Program: &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{
			HeapMib:     512,
			Cores:       1,
			JavaOptions: n.executorOptions,
			Environment: n.executorEnvironment(),
		}},
	}
	n.warm = map[string]*warmed{
		"driver":     n.warmOne(w, "driver", "driver-1"),
		"executor-1": n.warmOne(executor, "executor-1", "executor-1"),
	}
}

func (n *node) warmOne(like *agentv1.AssignedWorker, name, folder string) *warmed {
	n.t.Helper()
	home := homeIn(n.t, filepath.Join(n.dir, folder))
	waiting, err := n.engine.Warm(n.t.Context(), like, home)
	if err != nil {
		n.t.Fatal(err)
	}
	process := n.run(waiting.Command(), name, home)
	n.t.Cleanup(func() { _ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL); waiting.Close() })
	ctx, cancel := context.WithTimeout(n.t.Context(), 3*time.Minute)
	defer cancel()
	if err := waiting.Ready(ctx); err != nil {
		n.t.Fatalf("%s: %v\n%s", folder, err, tailOf(n.read(name+".err"), 6000))
	}
	return &warmed{Waiting: waiting, process: process, home: home}
}

var (
	random = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}|@[0-9a-f]{4,8}|\d{4,}`)
	number = regexp.MustCompile(`\d+`)
	thread = regexp.MustCompile(`Thread\[(.*?),\d+,`)
)

// sets are lists of the probe whose order means nothing.
var sets = []string{"threads", "temporary", "local"}

// unlike is what a process that waited has, or has not, of its own: how it was started, what libraries note as they are
// loaded, threads that Java keeps, and the one of Netty that ends a second after its last work.
var unlike = []string{
	"sun.java.command", "spark.pyspark.driver.python", "spark.authenticate.secret", "jetty.git.hash", "process reaper",
	"org.apache.hadoop.fs.FileSystem$Statistics$StatisticsDataReferenceCleaner", "globalEventExecutor-#-#",
}

// probed is what a run saw, and where its JVMs had Spark's classes from.
type probed struct {
	seen             map[string]string
	driver, executor map[string]string
}

// probe runs testdata/probe.py and returns what it says, by name, with what differs between any two runs made alike.
// The settings are of the run, and not of the process that waits.
func probe(t *testing.T, warm bool, settings runSettings) probed {
	t.Helper()
	n := newNode(t)
	n.writeClassData()
	n.executorOptions = n.loadLog("executor")
	script, err := filepath.Abs("testdata/probe.py")
	if err != nil {
		t.Fatal(err)
	}
	w := assignment("file://"+script, map[string]string{
		"spark.executor.instances":      "1",
		"spark.driver.extraJavaOptions": n.loadLog("driver"),
	})
	if warm {
		n.rehearse(w)
		w = proto.CloneOf(w)
	}
	maps.Copy(w.GetSparkDriver().GetProperties(), settings.properties)
	w.GetSparkDriver().Log4J2 = settings.driverLogs
	n.executorLogs = settings.executorLogs
	n.start(w)
	out := n.wait()
	_, line, found := strings.Cut(out, "seen ")
	if !found {
		t.Fatalf("the probe said nothing:\n%s", out)
	}
	var seen any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(line, n.dir, "DIR")), &seen); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	flatten(flat, "", seen)
	return probed{flat, n.loads("driver", warm), n.loads("executor", warm)}
}

// flatten writes every leaf of JSON under its path; names of threads are a set, because their numbers differ.
func flatten(flat map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, each := range value {
			flatten(flat, path+"/"+name, each)
		}
	case []any:
		for i, each := range value {
			if slices.Contains(sets, filepath.Base(path)) {
				flat[path+"/"+number.ReplaceAllString(fmt.Sprint(each), "#")] = ""
				continue
			}
			flatten(flat, fmt.Sprintf("%s/%d", path, i), each)
		}
	default:
		text := fmt.Sprint(value)
		if strings.HasSuffix(path, "executor/threads") {
			for _, name := range thread.FindAllStringSubmatch(text, -1) {
				flat[path+"/"+number.ReplaceAllString(name[1], "#")] = ""
			}
			return
		}
		if strings.HasSuffix(path, "executor/properties") {
			for each := range strings.SplitSeq(strings.Trim(text, "{}"), ", ") {
				name, own, _ := strings.Cut(each, "=")
				flat[path+"/"+name] = random.ReplaceAllString(own, "#")
			}
			return
		}
		flat[path] = random.ReplaceAllString(text, "#")
	}
}

// runSettings are what a run says of itself, beside its program.
type runSettings struct {
	properties               map[string]string
	driverLogs, executorLogs map[string]string
}

// A run whose driver and executor waited, beside one with a cold start. Whatever of a run's settings a cold start
// honours, a warm one honours: those of every classification, where the process that waits was warmed for others.
func TestA9_AWarmStartIsLikeAColdOne(t *testing.T) {
	settings := runSettings{
		properties: map[string]string{
			"spark.app.name":                               "settings",
			"spark.default.parallelism":                    "3",
			"spark.eventLog.compress":                      "true",
			"spark.eventLog.compression.codec":             "lz4",
			"spark.hadoop.fs.permissions.umask-mode":       "077",
			"spark.io.compression.codec":                   "snappy",
			"spark.locality.wait":                          "1s",
			"spark.network.timeout":                        "130s",
			"spark.redaction.regex":                        "(?i)mine",
			"spark.serializer":                             "org.apache.spark.serializer.KryoSerializer",
			"spark.sql.catalogImplementation":              "in-memory",
			"spark.sql.session.timeZone":                   "Asia/Tokyo",
			"spark.sql.shuffle.partitions":                 "3",
			"spark.sql.sources.default":                    "json",
			"spark.sql.warehouse.dir":                      "file:/tmp/warehouse",
			"spark.task.maxFailures":                       "2",
			"spark.ui.showConsoleProgress":                 "false",
			"spark.unsafe.sorter.spill.read.ahead.enabled": "false",
		},
		driverLogs: map[string]string{
			"rootLogger.level": "error", "logger.mine.name": "mine", "logger.mine.level": "debug",
		},
		executorLogs: map[string]string{"rootLogger.level": "fatal"},
	}
	cold := probe(t, false, settings)
	warm := probe(t, true, settings)
	t.Run("LeavesNothingOfItsRehearsal", func(t *testing.T) { compare(t, cold.seen, warm.seen) })
	t.Run("HonoursTheRunsSettings", func(t *testing.T) { honours(t, warm.seen) })
	for name, p := range map[string]probed{"Cold": cold, "Warm": warm} {
		t.Run(name+"DriverStartsFromClassData", func(t *testing.T) {
			checkLoads(t, p.driver, "org.apache.spark.SparkContext")
		})
		t.Run(name+"ExecutorStartsFromClassData", func(t *testing.T) {
			checkLoads(t, p.executor, "org.apache.spark.executor.Executor")
		})
	}
}

// honours holds that a run has the settings of that test.
func honours(t *testing.T, seen map[string]string) {
	t.Helper()
	for name, want := range map[string]string{
		"/after a query/level of logs":            "ERROR",
		"/before the session/level of logs":       "ERROR",
		"/executor/level":                         ":FATAL",
		"/settings/spark.sql.session.timeZone":    "Asia/Tokyo",
		"/hadoop/fs.permissions.umask-mode":       "077",
		"/session settings/shuffle partitions":    "3",
		"/session settings/kind of serialisation": "KryoSerializer",
	} {
		if got := seen[name]; got != want {
			t.Errorf("%s of a warm start is %q, want %q", name, got, want)
		}
	}
}

// compare holds that nothing of a rehearsal is in a run: a driver and an executor that waited see what those of a cold
// start see.
func compare(t *testing.T, cold, warm map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(warm)) {
		if value, there := cold[name]; (!there || value != warm[name]) && !differs(name) {
			t.Errorf("%s: after a rehearsal %q, in a cold start %q (%t)", name, warm[name], value, there)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cold)) {
		if _, there := warm[name]; !there && !differs(name) && !strings.Contains(name, "/threads/") {
			t.Errorf("%s: only in a cold start: %q", name, cold[name])
		}
	}
}

func differs(path string) bool {
	if strings.Contains(path, "/temporary/") && strings.Contains(path, ".so") {
		return true // a library in machine code is unpacked once in a process
	}
	return slices.ContainsFunc(unlike, func(name string) bool { return strings.HasSuffix(path, "/"+name) })
}
