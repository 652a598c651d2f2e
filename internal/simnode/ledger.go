package simnode

import (
	"fmt"
	"sync"
)

// Ledger is what nodes did, seen from outside of the cluster. Its methods may be called by many goroutines.
type Ledger struct {
	mu       sync.Mutex
	starts   map[string]int             // by worker
	drivers  map[string]map[string]bool // run → workers that are its drivers and live
	overlaps []string
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{starts: map[string]int{}, drivers: map[string]map[string]bool{}}
}

// begin notes that a worker's program starts.
func (l *Ledger) begin(worker, run string, driver bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.starts[worker]++
	if !driver {
		return
	}
	if l.drivers[run] == nil {
		l.drivers[run] = map[string]bool{}
	}
	for other := range l.drivers[run] {
		l.overlaps = append(l.overlaps, fmt.Sprintf("driver %s of run %s began while %s lived", worker, run, other))
	}
	l.drivers[run][worker] = true
}

// end notes that a worker is gone.
func (l *Ledger) end(worker, run string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.drivers[run], worker)
}

// Starts returns how often a worker's program was started.
func (l *Ledger) Starts(worker string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.starts[worker]
}

// Started returns how many workers were started at all.
func (l *Ledger) Started() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.starts)
}

// Faults names what must never happen: workers that were started twice, and drivers that ran beside each other.
func (l *Ledger) Faults() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	faults := append([]string{}, l.overlaps...)
	for worker, n := range l.starts {
		if n > 1 {
			faults = append(faults, fmt.Sprintf("worker %s was started %d times", worker, n))
		}
	}
	return faults
}
