package spark

import (
	"context"
	"strconv"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// loopback is the only address at which pages are served: servers reach them through the agent.
const loopback = "127.0.0.1"

// historyClass is Spark's history server.
const historyClass = "org.apache.spark.deploy.history.HistoryServer"

// The filter of pages: what listens on loopback, other people's programs reach too. See plugin/.
const (
	pagesFilter    = "io.headrace.spark.PagesFilter"
	filtersSetting = "spark.ui.filters"
	tokenSetting   = "spark." + pagesFilter + ".param.token"
)

// historyHeapMiB is its heap: the rest of what the agent gives it is the JVM's own.
const historyHeapMiB = 1024

var _ engine.UserInterfaces = (*Engine)(nil)

// showUI notes where the driver's pages are; 0: it has none.
func (l *link) showUI(port int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began = true
	l.ui = port
}

// UserInterface returns the port of the pages of a driver that runs here. See engine.UserInterfaces.
func (e *Engine) UserInterface(workerID string) (port int, err error) {
	e.mu.Lock()
	l := e.links[workerID]
	e.mu.Unlock()
	if l == nil {
		return 0, errs.New(errs.Unavailable, "the driver does not run on its node (any more)")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.began:
		return 0, errs.New(errs.Unavailable, "the driver has not made its Spark context yet")
	case l.ui == 0:
		return 0, errs.New(errs.WrongState, "the driver has no user interface: spark.ui.enabled is false")
	}
	return l.ui, nil
}

// History returns the command of Spark's history server for an event log. See engine.UserInterfaces.
func (e *Engine) History(ctx context.Context, shown *agentv1.History, home *runtime.Home, events string, port int) (
	runtime.Command, error,
) {
	like := &agentv1.AssignedWorker{
		ReleaseLabel:  shown.GetReleaseLabel(),
		ReleaseDigest: shown.GetReleaseDigest(),
		Program:       &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{}},
	}
	p, err := e.layout(ctx, like, home)
	if err != nil {
		return runtime.Command{}, errs.New(errs.Unavailable, "cannot start a history server on this node: %v", err)
	}
	properties := historyProperties(events, port, shown.GetPagesToken())
	if err := p.writeProperties("spark.properties", properties); err != nil {
		return runtime.Command{}, err
	}
	java := jvm{
		layout:   p,
		heapMiB:  historyHeapMiB,
		milliCPU: 1000,
		class:    historyClass,
		args:     []string{"--properties-file", p.properties()},
	}
	environment, err := e.environment(p, machine.Python{}, nil, nil)
	return runtime.Command{Args: java.command(), Env: environment}, err
}

func historyProperties(events string, port int, token string) map[string]string {
	return map[string]string{
		filtersSetting:                     pagesFilter,
		tokenSetting:                       token,
		"spark.history.fs.logDirectory":    "file://" + events,
		"spark.history.fs.cleaner.enabled": "false",
		"spark.history.ui.port":            strconv.Itoa(port),
		"spark.port.maxRetries":            "0",
	}
}
