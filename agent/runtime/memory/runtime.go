package memory

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Runtime is a Machine in the hands of one agent. Its methods are those of runtime.Runtime; they may be called by many
// goroutines, but those of one worker by one.
type Runtime struct {
	machine *Machine
	errands *runtime.Errands

	// The machine's lock guards these.
	watched map[*watched]bool
	closed  bool
}

// BootID returns the id of this boot of the machine.
func (r *Runtime) BootID() string {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	return r.machine.bootID
}

// Run runs an errand. Its home has no files.
func (r *Runtime) Run(ctx context.Context, e runtime.Errand) (stdout, stderr []byte, err error) {
	return r.errands.Run(ctx, e)
}

// Close stops watching. Workers go on.
func (r *Runtime) Close() {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	r.close()
}

// close is Close for who has the machine's lock.
func (r *Runtime) close() {
	r.closed = true
	for w := range r.watched {
		w.lose()
	}
	delete(r.machine.open, r)
}

// MakeDir makes what is known of a worker.
func (r *Runtime) MakeDir(id string) error {
	if err := runtime.CheckID(id); err != nil {
		return err
	}
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	r.make(id)
	return nil
}

// make makes what is known of a worker. The caller has the machine's lock.
func (r *Runtime) make(id string) *worker {
	w := r.machine.workers[id]
	if w == nil {
		w = &worker{id: id, kept: map[string][]byte{}}
		r.machine.workers[id] = w
	}
	return w
}

// MakeHome makes a home without files for a worker.
func (r *Runtime) MakeHome(id string, options runtime.HomeOptions) (*runtime.Home, error) {
	if err := runtime.CheckID(id); err != nil {
		return nil, err
	}
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	r.make(id).user = r.userFor(options.Of)
	return homeOf(id), nil
}

// userFor returns the user of a home: that of another worker, or a new one. The caller has the machine's lock.
func (r *Runtime) userFor(of runtime.Worker) int {
	if of != nil {
		if other := r.machine.workers[of.ID()]; other != nil && other.user != 0 {
			return other.user
		}
	}
	r.machine.users++
	return r.machine.users
}

// homeOf describes a home.
func homeOf(id string) *runtime.Home {
	return &runtime.Home{
		ID:          id,
		Seen:        sandbox.Home,
		Sockets:     sandbox.Sockets,
		SocketsSeen: sandbox.Sockets,
	}
}

// Home returns the home of a worker.
func (r *Runtime) Home(id string) (*runtime.Home, error) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	if _, err := r.housed(id); err != nil {
		return nil, err
	}
	return homeOf(id), nil
}

// housed returns a worker that has a home. The caller has the machine's lock.
func (r *Runtime) housed(id string) (*worker, error) {
	if w := r.machine.workers[id]; w != nil && w.user != 0 {
		return w, nil
	}
	return nil, errs.New(errs.Internal, "cannot find the home of worker %s: none was made", id)
}

// SameUser says whether a worker that is about to start belongs to the user of another one.
func (r *Runtime) SameUser(id string, other runtime.Worker) bool {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	one, oneErr := r.housed(id)
	two, twoErr := r.housed(other.ID())
	return oneErr == nil && twoErr == nil && one.user == two.user
}

// Start starts a worker as the Script says. Its error is *runtime.Refusal.
func (r *Runtime) Start(spec runtime.Spec) (runtime.Worker, error) {
	if refusal := r.check(spec); refusal != nil {
		return nil, refusal
	}
	program := r.machine.config.Script(spec)
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.housed(spec.ID)
	if err != nil { // it was removed meanwhile
		return nil, r.cannot(spec.ID, err)
	}
	w.logs = map[string][]byte{}
	if program.Refuse != nil {
		return nil, r.refuse(spec.ID, *program.Refuse)
	}
	return r.begin(w, spec, program.Run), nil
}

// check says why a worker cannot be started whatever its program does; nil: it can.
func (r *Runtime) check(spec runtime.Spec) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	_, err := r.housed(spec.ID)
	switch {
	case err != nil:
	case r.closed:
		err = errs.New(errs.Unavailable, "cannot watch worker %s: the runtime is closed", spec.ID)
	case len(spec.Args) == 0:
		err = errs.New(errs.Invalid, "there is no program")
	default:
		return nil
	}
	return r.cannot(spec.ID, err)
}

// cannot notes that a worker was not started, and why. The caller has the machine's lock.
func (r *Runtime) cannot(id string, err error) error {
	return r.refuse(id, runtime.Exit{Reason: runtime.StartRefused, Message: "cannot start the worker: " + err.Error()})
}

// begin begins a process. The caller has the machine's lock.
func (r *Runtime) begin(w *worker, spec runtime.Spec, program func(*Process) runtime.Exit) runtime.Worker {
	p := newProcess(r.machine, w, spec)
	w.process = p
	r.machine.live[p] = true
	if spec.LongestSeconds > 0 {
		p.wantAfter(time.Duration(spec.LongestSeconds) * time.Second)
	}
	r.machine.running.Go(func() { p.run(program) })
	r.machine.enforce() // the lease may be over
	return r.watch(p)
}

// watch waits for the end of a process. The caller has the machine's lock.
func (r *Runtime) watch(p *Process) runtime.Worker {
	w := &watched{
		id:      p.worker.id,
		runtime: r,
		process: p,
		done:    make(chan struct{}),
	}
	p.watchers = append(p.watchers, w)
	r.watched[w] = true
	return w
}

// refuse notes the end of a worker that never ran. The caller has the machine's lock.
func (r *Runtime) refuse(id string, exit runtime.Exit) *runtime.Refusal {
	if w := r.machine.workers[id]; w != nil {
		w.exit = &exit
	}
	return &runtime.Refusal{Exit: exit}
}

// RecordEnd notes the end of a worker that never ran.
func (r *Runtime) RecordEnd(id string, exit runtime.Exit) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	if err == nil {
		w.exit = &exit
	}
	return err
}

// RecordRefusal notes the end of a worker that could not be started, and says why in its log.
func (r *Runtime) RecordRefusal(spec runtime.Spec, exit runtime.Exit) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(spec.ID)
	if err != nil {
		return err
	}
	w.exit = &exit
	if w.logs == nil {
		w.logs = map[string][]byte{"stderr": []byte(exit.Message + "\n")}
	}
	return nil
}

// known returns what is known of a worker; fs.ErrNotExist if nothing is. The caller has the machine's lock.
func (r *Runtime) known(id string) (*worker, error) {
	if w := r.machine.workers[id]; w != nil {
		return w, nil
	}
	return nil, &fs.PathError{Op: "find", Path: id, Err: fs.ErrNotExist}
}

// Keep keeps something that the agent is to know of a worker.
func (r *Runtime) Keep(id, name string, content []byte) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	if err == nil {
		w.kept[name] = slices.Clone(content)
	}
	return err
}

// Kept returns what was kept of a worker.
func (r *Runtime) Kept(id, name string) ([]byte, error) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	if err != nil {
		return nil, err
	}
	content, kept := w.kept[name]
	if !kept {
		return nil, &fs.PathError{Op: "read", Path: id + "/" + name, Err: fs.ErrNotExist}
	}
	return slices.Clone(content), nil
}

// Weigh does nothing: nobody takes CPU from others here.
func (r *Runtime) Weigh(runtime.Worker, bool) error { return nil }

// Listens says whether it is a worker that listens at a port of loopback: its program says so. See Process.Listen.
func (r *Runtime) Listens(id string, port int) (bool, error) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.housed(id)
	if err != nil {
		return false, err
	}
	return w.process != nil && w.exit == nil && slices.Contains(w.process.ports, port), nil
}
