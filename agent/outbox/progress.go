package outbox

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// progressEvery is how often a leader is told what the node is doing: people read it, nobody decides by it.
const progressEvery = time.Second

// The bounds of what a leader is told: it takes no more of a node.
const (
	maxCopies  = 64
	maxDrivers = 1024
)

// Progress is what the node is doing, for people. Its methods may be called by many goroutines.
type Progress struct {
	mu      sync.Mutex
	copies  map[string]*agentv1.ReleaseCopy // by digest
	drivers map[Attempt]*agentv1.SparkProgress
	sent    time.Time
	told    *agentv1.Progress // what was sent last; nil: nothing on this session
	changed chan struct{}     // has a value when there may be something to send
}

// NewProgress returns the progress of a node that does nothing.
func NewProgress() *Progress {
	return &Progress{
		copies:  map[string]*agentv1.ReleaseCopy{},
		drivers: map[Attempt]*agentv1.SparkProgress{},
		changed: make(chan struct{}, 1),
	}
}

// Changed has a value when there may be something to send.
func (p *Progress) Changed() <-chan struct{} { return p.changed }

// SetCopy says how far a release is copied to the node.
func (p *Progress) SetCopy(label string, digest []byte, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.copies[string(digest)] = &agentv1.ReleaseCopy{Label: label, Digest: digest, Bytes: bytes}
	p.poke()
}

// EndCopy says that a release is no longer copied.
func (p *Progress) EndCopy(digest []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.copies, string(digest))
	p.poke()
}

// SetDriver says how far the jobs of a Spark driver are; without stages it runs none.
func (p *Progress) SetDriver(said *agentv1.SparkProgress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := Attempt{said.GetJobRunId(), said.GetAttempt()}
	if said.GetStages() == 0 {
		delete(p.drivers, key)
	} else {
		p.drivers[key] = said
	}
	p.poke()
}

// DropDriver forgets a driver that has ended.
func (p *Progress) DropDriver(key Attempt) {
	p.SetDriver(&agentv1.SparkProgress{JobRunId: key.Run, Attempt: key.Number})
}

// Restart makes everything unsent, for a new session.
func (p *Progress) Restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = nil
	p.sent = time.Time{}
	p.poke()
}

// Take returns what is to be sent; nil if nothing is to be sent yet, and then in how long; 0 if there is nothing new.
func (p *Progress) Take(now time.Time) (next *agentv1.Progress, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.all()
	if proto.Equal(all, p.told) || p.told == nil && len(all.GetCopies())+len(all.GetDrivers()) == 0 {
		return nil, 0
	}
	if left := progressEvery - now.Sub(p.sent); left > 0 {
		return nil, left
	}
	p.told = all
	p.sent = now
	return all, 0
}

// all returns everything that the node does, in an order that is the same every time.
func (p *Progress) all() *agentv1.Progress {
	all := &agentv1.Progress{}
	for _, copied := range p.copies {
		all.Copies = append(all.Copies, copied)
	}
	for _, driver := range p.drivers {
		all.Drivers = append(all.Drivers, driver)
	}
	slices.SortFunc(all.Copies, func(a, b *agentv1.ReleaseCopy) int {
		return strings.Compare(string(a.GetDigest()), string(b.GetDigest()))
	})
	slices.SortFunc(all.Drivers, func(a, b *agentv1.SparkProgress) int {
		return cmp.Or(
			strings.Compare(a.GetJobRunId(), b.GetJobRunId()),
			cmp.Compare(a.GetAttempt(), b.GetAttempt()),
		)
	})
	all.Copies = all.Copies[:min(len(all.Copies), maxCopies)]
	all.Drivers = all.Drivers[:min(len(all.Drivers), maxDrivers)]
	return all
}

func (p *Progress) poke() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}
