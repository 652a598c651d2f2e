package spark

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// warmClass waits for a worker: see plugin/.
const warmClass = "io.headrace.spark.WarmWorker"

// Variables by which a process that waits knows its agent, and what it rehearses with.
const (
	warmVariable = "HEADRACE_WARM_SOCKET"
	warmToken    = "HEADRACE_WARM_TOKEN"
	warmHost     = "HEADRACE_WARM_HOST"
	warmBind     = "HEADRACE_WARM_BIND"
	warmPython   = "HEADRACE_WARM_PYTHON" // of drivers; empty: none
)

// handover is what a worker's command means for a process that waits.
type handover struct {
	needs needs
	start start
}

// start tells a process that waits what to do.
type start struct {
	Arguments  []string          `json:"arguments"`
	Properties map[string]string `json:"properties"` // of the JVM
	Token      string            `json:"token,omitempty"`
	Python     bool              `json:"python"` // the driver runs on the node's own Python
}

var _ engine.Warmer = (*Engine)(nil)

// Warm makes a process that waits for workers like that one: the JVM that they would have, with another class.
func (e *Engine) Warm(ctx context.Context, like *agentv1.AssignedWorker, home *runtime.Home) (engine.Waiting, error) {
	p, err := e.layout(ctx, like, home)
	if err != nil {
		return nil, err
	}
	java, environment, err := e.likeWorker(ctx, p, like)
	if err != nil {
		return nil, err
	}
	w := &waiting{needs: needsOf(java, environment), token: rand.Text()}
	if w.listener, err = e.openSocket(home, warmSocket); err != nil {
		return nil, fmt.Errorf("cannot open the socket of a process that waits: %w", err)
	}
	role := "executor"
	if like.GetSparkDriver() != nil {
		role = "driver"
		environment = append(environment, e.rehearsalPython(ctx, p)...)
	}
	java.class = warmClass
	java.args = []string{role}
	environment = append(environment, e.rehearsal(w.token, home)...)
	slices.Sort(environment)
	w.command = runtime.Command{Args: java.command(), Env: environment}
	return w, nil
}

// rehearsal returns the variables by which a process that waits knows its agent.
func (e *Engine) rehearsal(token string, home *runtime.Home) []string {
	return []string{
		warmVariable + "=" + e.socketSeen(home, warmSocket),
		warmToken + "=" + token,
		warmHost + "=" + e.config.Host,
		warmBind + "=" + e.bind(),
	}
}

// rehearsalPython returns the variable by which a driver that waits knows the node's Python; none, if its release
// cannot use that.
func (e *Engine) rehearsalPython(ctx context.Context, p layout) []string {
	own, found := e.machine.Python(ctx, e.config.Python)
	if can := p.release.Can(); !found || !can.CanUsePython(own.Version) {
		return nil
	}
	return []string{warmPython + "=" + own.Program}
}

// likeWorker returns the JVM and the environment of workers like that one, without what only a run knows.
func (e *Engine) likeWorker(ctx context.Context, p layout, like *agentv1.AssignedWorker) (jvm, []string, error) {
	if like.GetSparkDriver() != nil {
		return e.likeDriver(ctx, p, like)
	}
	return e.likeExecutor(ctx, p, like)
}

// likeDriver returns those of drivers.
func (e *Engine) likeDriver(ctx context.Context, p layout, like *agentv1.AssignedWorker) (jvm, []string, error) {
	d := like.GetSparkDriver()
	own, can := e.machine.Python(ctx, e.config.Python)
	enforced := map[string]string{}
	driver, worker := pythons(d, d.GetProperties())
	switch {
	case driver.program != "":
		enforced[driverPython] = driver.program
	case can:
		enforced[driverPython] = own.Program
	}
	if worker.program != "" {
		enforced[workerPython] = worker.program
	}
	properties := map[string]string{}
	maps.Copy(properties, d.GetProperties())
	if path, ok := properties[driverClassPath]; ok {
		properties[driverClassPath] = p.classPath(path)
	}
	environment, err := e.environment(p, own, d.GetEnvironment(), enforced)
	return driverJVM(p, like, d, properties), environment, err
}

// likeExecutor returns those of executors.
func (e *Engine) likeExecutor(ctx context.Context, p layout, like *agentv1.AssignedWorker) (jvm, []string, error) {
	own, _ := e.machine.Python(ctx, e.config.Python)
	environment, err := e.environment(p, own, like.GetSparkExecutor().GetEnvironment(), nil)
	return executorJVM(p, like, like.GetSparkExecutor()), environment, err
}

// driverJVM returns a driver's JVM without its class.
func driverJVM(p layout, w *agentv1.AssignedWorker, d *agentv1.SparkDriver, properties map[string]string) jvm {
	options := properties["spark.driver.defaultJavaOptions"] + " " + properties["spark.driver.extraJavaOptions"]
	return jvm{
		layout:    p,
		heapMiB:   d.GetHeapMib(),
		milliCPU:  w.GetMilliCpu(),
		classPath: properties[driverClassPath],
		hadoop:    hadoopPath(d.GetEnvironment()),
		options:   splitOptions(options),
	}
}

// executorJVM returns an executor's JVM without its class.
func executorJVM(p layout, w *agentv1.AssignedWorker, x *agentv1.SparkExecutor) jvm {
	return jvm{
		layout:    p,
		heapMiB:   heapOf(w, x),
		milliCPU:  w.GetMilliCpu(),
		classPath: x.GetClassPath(),
		hadoop:    hadoopPath(x.GetEnvironment()),
		options:   splitOptions(x.GetJavaOptions()),
	}
}

// executorArguments returns the arguments of Spark's executor backend.
func (e *Engine) executorArguments(number uint32, x *agentv1.SparkExecutor) []string {
	return []string{
		"--driver-url", x.GetLaunch().GetDriverUrl(),
		"--executor-id", strconv.FormatUint(uint64(number), 10),
		"--bind-address", e.bind(),
		"--hostname", e.config.Host,
		"--cores", strconv.FormatUint(coresOf(x), 10),
		"--app-id", x.GetLaunch().GetSparkApplicationId(),
		"--resourceProfileId", "0",
	}
}

// startExecutor returns what an executor is told that waits: what a cold one has on its command line and in its
// environment.
func startExecutor(w *agentv1.AssignedWorker, options, arguments []string) start {
	s := start{Arguments: arguments, Properties: log4jProperty(options)}
	s.Properties["spark.authenticate.secret"] = hex.EncodeToString(w.GetSecret())
	maps.Copy(s.Properties, w.GetSparkExecutor().GetLaunch().GetProperties())
	return s
}
