package dispatch

import (
	"sync"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// The bounds of what a node says that it does. An honest agent keeps them.
const (
	maxCopies         = 64
	maxDriverProgress = 1024
)

// progress is what nodes say that they do, for people: the newest of each session. Nobody decides by it, so it is not
// in the log, and a new leader is told it anew.
type progress struct {
	mu     sync.Mutex
	newest map[string]*agentv1.Progress // by node
}

// set takes what a node says.
func (p *progress) set(node string, said *agentv1.Progress) error {
	if len(said.GetCopies()) > maxCopies || len(said.GetDrivers()) > maxDriverProgress {
		return errs.New(errs.TooLarge,
			"cannot take the progress of %d copies and %d drivers: the limits are %d and %d",
			len(said.GetCopies()), len(said.GetDrivers()), maxCopies, maxDriverProgress)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.newest == nil {
		p.newest = map[string]*agentv1.Progress{}
	}
	p.newest[node] = said
	return nil
}

// forget drops what a node said.
func (p *progress) forget(node string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.newest, node)
}

// Progress returns what a node says that it does; nil if it says nothing, or this server does not lead. Nobody may
// change it. What it says of a driver or of a release counts if they are on that node.
func (d *Dispatch) Progress(node string) *agentv1.Progress {
	l := d.leadership.Load()
	if l == nil {
		return nil
	}
	l.progress.mu.Lock()
	defer l.progress.mu.Unlock()
	return l.progress.newest[node]
}
