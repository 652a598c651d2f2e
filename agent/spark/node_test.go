package spark

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// label is the release that real Spark runs on.
const label = "emr-7.2.0"

// node plays agent and server for one driver: it starts its executors and tells it how they ended.
type node struct {
	t     testing.TB
	dir   string
	store *release.Store

	programs *runtime.Runtime
	home     *runtime.Home // of the driver
	driver   *agentv1.AssignedWorker
	exited   chan int
	changed  chan struct{}
	running  sync.WaitGroup

	mu       sync.Mutex
	engine   *Engine
	wanted   *agentv1.Demand
	progress []*agentv1.SparkProgress // all that the driver said
	live     map[uint32]*exec.Cmd
	number   uint32
	peak     int // executors at the same time
	stopping bool

	most            int                // executors that it gives its driver; 0: all; written before the driver starts
	executorOptions string             // of their JVMs; written before the driver starts
	executorLogs    map[string]string  // their settings of Log4j 2; written before the driver starts
	warm            map[string]*warmed // by name; written before the driver starts
}

// newNode returns a node with the real release, which it fetches if it must.
func newNode(t testing.TB) *node {
	t.Helper()
	if testing.Short() {
		t.Skip("real Spark takes some ten seconds per run: not in short mode")
	}
	root, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := release.Find([]string{root}, label); err != nil {
		t.Logf("fetching release %s into %s, once", label, root)
		if _, err := release.Fetch(t.Context(), release.FetchOptions{Label: label, Root: root}); err != nil {
			t.Skipf("no real Spark here: %v", err)
		}
	}
	store := release.NewStore(release.StoreConfig{Roots: []string{root}})
	n := &node{
		t: t, dir: t.TempDir(), store: store, exited: make(chan int, 1),
		changed: make(chan struct{}, 1), live: map[uint32]*exec.Cmd{}, programs: runtimeIn(t, t.TempDir()),
	}
	n.engine = n.newEngine()
	return n
}

func (n *node) newEngine() *Engine {
	return New(Config{Store: n.store, Host: "127.0.0.1", OnDemand: n.newest, OnProgress: n.noted, Programs: n.programs})
}

// noted notes how far the driver says that its jobs are.
func (n *node) noted(p *agentv1.SparkProgress) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.progress = append(n.progress, p)
}

// newest keeps the newest demand.
func (n *node) newest(d *agentv1.Demand) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wanted = d
	n.change()
}

// change wakes who serves the driver.
func (n *node) change() {
	select {
	case n.changed <- struct{}{}:
	default:
	}
}

// assignment returns the driver's assignment with properties that suit a small machine.
func assignment(entry string, properties map[string]string, arguments ...string) *agentv1.AssignedWorker {
	all := map[string]string{"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.executor.cores": "1"}
	for name, value := range properties {
		all[name] = value
	}
	return &agentv1.AssignedWorker{
		WorkerId: "driver-1", JobRunId: "run-1", Attempt: 1, MilliCpu: 1000,
		ReleaseLabel: label, Secret: []byte("0123456789abcdef"),
		Program: &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{
			EntryPoint: entry, Arguments: arguments, Properties: all, HeapMib: 512,
		}},
	}
}

// start starts the driver and serves it until the test ends.
func (n *node) start(w *agentv1.AssignedWorker) {
	n.t.Helper()
	n.driver = w
	n.home = n.homeOf("driver", w.GetWorkerId())
	command, err := n.engine.Prepare(n.t.Context(), w, n.home)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.engine.Attach(w, n.home); err != nil {
		n.t.Fatal(err)
	}
	process := n.run(command, "driver", n.home)
	done := make(chan struct{})
	n.running.Go(func() { n.exited <- exitCode(process.Wait()) })
	n.running.Go(func() { n.serve(done) })
	n.t.Cleanup(func() { n.close(process, done) })
}

// close ends everything that still runs.
func (n *node) close(driver *exec.Cmd, done chan struct{}) {
	close(done)
	_ = syscall.Kill(-driver.Process.Pid, syscall.SIGKILL)
	n.mu.Lock()
	n.stopping = true
	for _, process := range n.live {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
	}
	n.mu.Unlock()
	n.running.Wait()
	n.engine.Close()
	if n.t.Failed() {
		n.t.Logf("end of driver's stdout:\n%s", tailOf(n.read("driver.out"), 6000))
		for _, name := range []string{"driver", "executor-1"} {
			n.t.Logf("end of %s's stderr:\n%s", name, tailOf(n.read(name+".err"), 6000))
		}
	}
}

// serve starts and stops executors as the driver wants.
func (n *node) serve(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-n.changed:
			n.obey()
		}
	}
}

func (n *node) obey() {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.wanted
	for _, number := range d.GetStop() {
		if process := n.live[number]; process != nil {
			_ = syscall.Kill(-process.Process.Pid, syscall.SIGTERM)
		}
	}
	for len(n.live) < n.allowed(d) && !n.stopping {
		n.number++
		n.startExecutor(n.number, d)
	}
	n.peak = max(n.peak, len(n.live))
}

// allowed returns how many of the wanted executors there are to be. It tells the driver if these are not all; the lock
// is held.
func (n *node) allowed(d *agentv1.Demand) int {
	wanted := int(d.GetTarget())
	if n.most == 0 || wanted <= n.most {
		return wanted
	}
	n.driver.Shortage = &agentv1.Shortage{
		Message:   fmt.Sprintf("it has %d of %d", n.most, wanted),
		Executors: uint32(n.most),
	}
	n.engine.Update(n.driver)
	return n.most
}

// startExecutor starts an executor; the lock is held.
func (n *node) startExecutor(number uint32, d *agentv1.Demand) {
	w := &agentv1.AssignedWorker{
		WorkerId: "executor", Number: number, MilliCpu: 1000, ReleaseLabel: label, Secret: n.driver.GetSecret(),
		Program: &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{
			Launch: d.GetLaunch(), HeapMib: 512, Cores: 1, JavaOptions: n.executorOptions, Environment: n.executorEnvironment(),
			Log4J2: n.executorLogs,
		}},
	}
	name := "executor-" + string('0'+rune(number))
	home := n.homeOf(name, name)
	command, err := n.engine.Prepare(n.t.Context(), w, home)
	if err != nil {
		n.t.Errorf("executor %d: %v", number, err)
		return
	}
	process := n.run(command, name, home)
	n.live[number] = process
	n.running.Go(func() { n.executorEnded(number, exitCode(process.Wait())) })
}

// executorEnvironment returns what the server takes from the run's properties.
func (n *node) executorEnvironment() map[string]string {
	environment := map[string]string{}
	for name, value := range n.driver.GetSparkDriver().GetProperties() {
		if variable, found := strings.CutPrefix(name, executorEnv); found {
			environment[variable] = value
		}
	}
	return environment
}

// executorEnded tells the driver and starts the next one where one is missing.
func (n *node) executorEnded(number uint32, code int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.live, number)
	ended := &agentv1.EndedPeer{Number: number, Code: int32(code), Message: "it ended"}
	n.driver.EndedPeers = append(n.driver.EndedPeers, ended)
	n.engine.Update(n.driver)
	n.change()
}

// homeOf returns the home of a worker: that of the process that waits for it, if one does.
func (n *node) homeOf(name, folder string) *runtime.Home {
	n.t.Helper()
	if warm := n.warm[name]; warm != nil {
		return warm.home
	}
	return homeIn(n.t, filepath.Join(n.dir, folder))
}

// run starts a command in a process group of its own, with its output in files.
func (n *node) run(command runtime.Command, name string, home *runtime.Home) *exec.Cmd {
	n.t.Helper()
	if warm := n.warm[name]; warm != nil {
		return warm.begin(n.t, command)
	}
	process := exec.Command(command.Args[0], command.Args[1:]...)
	process.Env, process.Dir = command.Env, home.Seen
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, problems := n.create(name+".out"), n.create(name+".err")
	process.Stdout, process.Stderr = out, problems
	if err := errors.Join(process.Start(), out.Close(), problems.Close()); err != nil {
		n.t.Fatal(err)
	}
	return process
}

// restart puts a new engine in the place of the old one, as a restarted agent does, and returns how many executors were
// started.
func (n *node) restart() uint32 {
	n.t.Helper()
	n.engine.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.engine = n.newEngine()
	if err := n.engine.Attach(n.driver, n.home); err != nil {
		n.t.Fatal(err)
	}
	return n.number
}

func (n *node) create(name string) *os.File {
	f, err := os.Create(filepath.Join(n.dir, name))
	if err != nil {
		n.t.Fatal(err)
	}
	return f
}

func (n *node) read(name string) string {
	content, _ := os.ReadFile(filepath.Join(n.dir, name))
	return string(content)
}

// wait waits for the driver's success and returns what it wrote.
func (n *node) wait() string {
	n.t.Helper()
	select {
	case code := <-n.exited:
		if code != 0 {
			n.t.Fatalf("the driver ended with code %d", code)
		}
	case <-time.After(5 * time.Minute): // a busy machine takes its time
		n.t.Fatal("the driver did not end in five minutes")
	}
	return n.read("driver.out")
}

// until polls for a condition.
func (n *node) until(what string, condition func() bool) {
	n.t.Helper()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			n.t.Fatalf("waited too long for: %s", what)
		case <-tick.C:
		}
	}
}

// has polls for a line of the driver's output.
func (n *node) has(line string) func() bool {
	return func() bool { return strings.Contains(n.read("driver.out"), line) }
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled():
		return 128 + int(exit.Sys().(syscall.WaitStatus).Signal())
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

func tailOf(text string, n int) string { return text[max(0, len(text)-n):] }
