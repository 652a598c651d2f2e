package demand

import (
	"maps"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Attempt names an attempt of a run.
type Attempt struct {
	Run    string
	Number uint32
}

// Store holds the newest demand of every attempt. It is safe for all goroutines.
type Store struct {
	mu        sync.Mutex
	newest    map[Attempt]*agentv1.Demand
	stopped   map[Attempt]map[uint32]bool // numbers of the executors that the newest demand wants stopped
	withdrawn map[Attempt]map[uint32]bool // numbers of executors that were given up before they ran
	changed   chan struct{}               // closed and replaced at every change
	news      map[string]bool             // runs of which it has changed, and nobody has taken that

	short   map[Attempt]Shortage
	shorter map[Attempt]bool // of these it has changed, and nobody has taken that
	told    chan struct{}    // closed and replaced when there is more of them
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		newest:    map[Attempt]*agentv1.Demand{},
		stopped:   map[Attempt]map[uint32]bool{},
		withdrawn: map[Attempt]map[uint32]bool{},
		changed:   make(chan struct{}),
		news:      map[string]bool{},
		short:     map[Attempt]Shortage{},
		shorter:   map[Attempt]bool{},
		told:      make(chan struct{}),
	}
}

// Set takes a demand and says whether it is news. The store keeps it; nobody may change it any more.
func (s *Store) Set(d *agentv1.Demand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := Attempt{d.GetJobRunId(), d.GetAttempt()}
	if old, ok := s.newest[at]; ok && proto.Equal(old, d) {
		return false
	}
	s.newest[at] = d
	s.stopped[at] = make(map[uint32]bool, len(d.GetStop()))
	for _, number := range d.GetStop() {
		s.stopped[at][number] = true
	}
	s.tell(at.Run)
	return true
}

// tell says that something of a run has changed. The caller holds the lock.
func (s *Store) tell(run string) {
	s.news[run] = true
	close(s.changed)
	s.changed = make(chan struct{})
}

// Get returns the newest demand of an attempt, or nil.
func (s *Store) Get(run string, attempt uint32) *agentv1.Demand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest[Attempt{run, attempt}]
}

// Target returns how many executors the driver of an attempt wants in all; 0 if it has not said.
func (s *Store) Target(run string, attempt uint32) uint32 { return s.Get(run, attempt).GetTarget() }

// Stops says whether the driver wants an executor of its attempt stopped, or no longer waits for it.
func (s *Store) Stops(run string, attempt, number uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stops(Attempt{run, attempt}, number)
}

func (s *Store) stops(at Attempt, number uint32) bool {
	return s.stopped[at][number] || s.withdrawn[at][number]
}

// Forget drops the demands for which over is true, once their attempts have ended. That is news as well: who keeps what
// a demand said has to look again.
func (s *Store) Forget(over func(Attempt) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := range s.newest {
		if over(at) {
			delete(s.newest, at)
			delete(s.stopped, at)
			s.tell(at.Run)
		}
	}
	for at := range s.withdrawn {
		if over(at) {
			delete(s.withdrawn, at)
			s.tell(at.Run)
		}
	}
	for at := range s.short {
		if over(at) {
			delete(s.short, at)
		}
	}
}

// TakeNews returns the runs of which something has changed since the last call. Package placement alone takes them.
func (s *Store) TakeNews() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := slices.Collect(maps.Keys(s.news))
	clear(s.news)
	return news
}

// Changed returns a channel that is closed at the next change.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}
