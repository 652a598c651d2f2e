package memory

import (
	"cmp"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// Config says what a Machine is like. Its zero value is one on which every program runs until it is stopped.
type Config struct {
	// Script says what programs do; nil: Hangs.
	Script Script
	// KeepFor is how long what is known of forgotten workers is kept; 0: an hour.
	KeepFor time.Duration
	// KeepBytes is how much memory their logs may use; 0: a MiB.
	KeepBytes int64
}

// uptime is how long a Machine has run when it is made: no instant on it is 0, which is before its boot.
const uptime = time.Minute

// Machine is what outlives an agent. Its methods may be called by many goroutines.
type Machine struct {
	config  Config
	running sync.WaitGroup // programs

	mu       sync.Mutex
	bootID   string
	booted   time.Time
	deadline runtime.Instant
	alarm    *time.Timer          // enforces the deadline; nil: none was set
	workers  map[string]*worker   // what is known of them, by id
	live     map[*Process]bool    // what runs
	removed  map[string]time.Time // by id, when they were
	users    int                  // that were given to homes
	open     map[*Runtime]bool
}

// worker is what a Machine knows of a worker. The machine's lock guards it.
type worker struct {
	id        string
	user      int // of its home; 0: it has none
	kept      map[string][]byte
	logs      map[string][]byte // nil: it has not begun to write
	process   *Process          // nil: it was never started
	exit      *runtime.Exit     // nil: it has not ended
	took      bool              // it took over a process that waited
	confirmed bool              // and began
	forgotten time.Time         // zero: it is not
}

// NewMachine returns a machine on which nothing runs.
func NewMachine(config Config) *Machine {
	if config.Script == nil {
		config.Script = func(runtime.Spec) Program { return Hangs() }
	}
	config.KeepFor = cmp.Or(config.KeepFor, time.Hour)
	config.KeepBytes = cmp.Or(config.KeepBytes, 1<<20)
	return &Machine{
		config:  config,
		bootID:  rand.Text(),
		booted:  time.Now().Add(-uptime),
		workers: map[string]*worker{},
		live:    map[*Process]bool{},
		removed: map[string]time.Time{},
		open:    map[*Runtime]bool{},
	}
}

// Open returns the machine for one life of an agent. Adopt finds what an earlier one left.
func (m *Machine) Open() *Runtime {
	r := &Runtime{machine: m, watched: map[*watched]bool{}}
	r.errands = runtime.NewErrands(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open[r] = true
	return r
}

// Close kills everything that runs, and returns when it has ended. No agent may use the machine any more.
func (m *Machine) Close() {
	m.mu.Lock()
	m.closeAll()
	for p := range m.live {
		p.want(runtime.Stopped, 0)
	}
	m.mu.Unlock()
	m.running.Wait()
}

// closeAll closes what agents hold the machine by, and stops the alarm. The caller has the lock.
func (m *Machine) closeAll() {
	for r := range m.open {
		r.close()
	}
	if m.alarm != nil {
		m.alarm.Stop()
	}
}

// all returns what the machine knows of workers, by id. The caller has the lock.
func (m *Machine) all() []*worker {
	all := make([]*worker, 0, len(m.workers))
	for _, w := range m.workers {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *worker) int { return cmp.Compare(a.id, b.id) })
	return all
}

// now returns this instant on the machine's clock.
func (m *Machine) now() runtime.Instant { return runtime.Instant(time.Since(m.booted)) }
