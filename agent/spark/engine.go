package spark

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Config is what an Engine needs.
type Config struct {
	// Store has the releases.
	Store *release.Store
	// Host is the address at which workers on other nodes reach the workers of this one.
	Host string
	// Python is the interpreter for PySpark where the run names none; empty: python3.
	Python string
	// Region is the AWS region that workers are told in AWS_REGION unless the run says another one; empty: they are not
	// told.
	Region string
	// ObjectStore is how s3:// is reached, by the engine and by workers.
	ObjectStore storage.Config
	// Machine has the node's Java and Python; nil: the one that the process runs on.
	Machine *machine.Machine
	// SocketDir is a directory with a short path for sockets whose own directory's path is too long for one; empty: below
	// the directory for temporary files.
	SocketDir string
	// Programs runs what releases bring, for the engine itself.
	Programs Programs
	// OpenUpload opens a file that a user gave the servers; nil: there is nobody to ask.
	OpenUpload engine.OpenUpload
	// OnDemand is told what a driver wants. It must not block: the driver's connection waits for it.
	OnDemand func(*agentv1.Demand)
	// OnProgress is told how far the jobs of a driver are, as OnDemand is; nil: nobody is told.
	OnProgress func(*agentv1.SparkProgress)
	// Log is for the operator; nil: the default one.
	Log *slog.Logger
}

// Programs runs programs that the engine itself needs, with the rights of a worker. *runtime.Runtime does.
type Programs interface {
	// Run runs a program to its end. See runtime.Errand.
	Run(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error)
}

// Engine prepares Spark workers and keeps the connections of drivers. It is an engine.Engine.
type Engine struct {
	config  Config
	machine *machine.Machine
	storage *storage.Client

	packages *packageCache
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup // what Runtimes started

	mu      sync.Mutex
	links   map[string]*link // by the driver's worker id
	known   runtimes
	looking chan struct{} // closed when known is new; nil: nobody looks
}

var (
	_ engine.Engine   = (*Engine)(nil)
	_ engine.Runtimes = (*Engine)(nil)
)

// New returns an engine.
func New(config Config) *Engine {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Python == "" {
		config.Python = "python3"
	}
	if config.Machine == nil {
		config.Machine = machine.New(machine.Config{})
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		config:  config,
		machine: config.Machine,
		storage: storage.New(config.ObjectStore),
		ctx:     ctx,
		cancel:  cancel,
		links:   map[string]*link{},
	}
	e.packages = &packageCache{engine: e, held: map[string]*os.File{}}
	if config.Store != nil { // tests of sockets need none
		e.packages.root = filepath.Join(config.Store.Root(), packagesFolder)
	}
	return e
}

// Prepare makes everything that a worker needs in its home and returns what to run. It may take long: the first worker
// on a node waits for the release. Its errors are *engine.StartError.
func (e *Engine) Prepare(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home) (runtime.Command, error) {
	if err := checkEnvironments(w); err != nil {
		return runtime.Command{}, err
	}
	e.config.Store.Hold(w.GetWorkerId(), w.GetReleaseLabel())
	p, err := e.layout(ctx, w, home)
	if err != nil {
		return runtime.Command{}, err
	}
	if d := w.GetSparkDriver(); d != nil {
		return e.driver(ctx, p, w, d)
	}
	return e.executor(ctx, p, w)
}

// Attach opens the socket of a driver that runs or was adopted; the plug-in tries to connect until it is there.
func (e *Engine) Attach(w *agentv1.AssignedWorker, home *runtime.Home) error {
	e.config.Store.Hold(w.GetWorkerId(), w.GetReleaseLabel())
	if w.GetSparkDriver() == nil {
		return nil
	}
	e.holdPackages(w)
	companion := e.companion(e.ctx, w)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.links[w.GetWorkerId()] != nil {
		return nil
	}
	l, err := e.listen(home, w, companion)
	if err != nil {
		return err
	}
	e.links[w.GetWorkerId()] = l
	return nil
}

// Update tells a driver what is new in its assignment: the ends of its executors, which ones it cannot have now, and
// which ones are to leave.
func (e *Engine) Update(w *agentv1.AssignedWorker) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.links[w.GetWorkerId()]; l != nil {
		l.update(w)
	}
}

// Detach closes the socket of a driver, waits until its connection is gone, and lets the release go.
func (e *Engine) Detach(workerID string) {
	e.mu.Lock()
	l := e.links[workerID]
	delete(e.links, workerID)
	e.mu.Unlock()
	if l != nil {
		l.close()
	}
	e.packages.free(workerID)
	e.config.Store.Free(workerID)
}

// Close closes all sockets; workers go on and connect again to the next engine. Nobody may use the engine any more. It
// returns no error: an agent closes engines that are io.Closers.
func (e *Engine) Close() error {
	e.cancel()
	e.running.Wait()
	e.mu.Lock()
	links := e.links
	e.links = map[string]*link{}
	e.mu.Unlock()
	for _, l := range links {
		l.close()
	}
	return nil
}
