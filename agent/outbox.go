package agent

import (
	"slices"
	"sync"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxBatch is how many statuses one report may tell.
const maxBatch = 256

// outbox holds what no server has in its log yet: of each worker the newest status, so it is never larger than the node's
// workers. One report is on its way at a time; what changes meanwhile waits for the next.
type outbox struct {
	mu       sync.Mutex
	waiting  map[string]*agentv1.WorkerStatus // by worker
	order    []string                         // of the waiting
	releases *agentv1.ReleaseHoldings         // nil: not changed
	sent     *agentv1.Report                  // not acknowledged; nil: none
	number   uint64                           // of the newest report of this session
	changed  chan struct{}                    // has a value when there may be something to send
}

func newOutbox() *outbox {
	return &outbox{waiting: map[string]*agentv1.WorkerStatus{}, changed: make(chan struct{}, 1)}
}

// put replaces what waits to be told of a worker.
func (o *outbox) put(status *agentv1.WorkerStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(status)
	o.poke()
}

func (o *outbox) add(status *agentv1.WorkerStatus) {
	if _, waits := o.waiting[status.GetWorkerId()]; !waits {
		o.order = append(o.order, status.GetWorkerId())
	}
	o.waiting[status.GetWorkerId()] = status
}

// putReleases replaces what waits to be told of the node's releases.
func (o *outbox) putReleases(labels []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.releases = &agentv1.ReleaseHoldings{Labels: labels}
	o.poke()
}

// drop forgets what waits of a worker that no server asks for any more.
func (o *outbox) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.waiting, id)
	o.order = slices.DeleteFunc(o.order, func(other string) bool { return other == id })
}

// told says whether a server has acknowledged all that there was of a worker.
func (o *outbox) told(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, waits := o.waiting[id]
	return !waits && !slices.ContainsFunc(o.sent.GetWorkers(), func(s *agentv1.WorkerStatus) bool { return s.GetWorkerId() == id })
}

// restart begins a session: what was not acknowledged waits again, before what is newer, and numbers begin anew.
func (o *outbox) restart() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, status := range o.sent.GetWorkers() {
		if _, newer := o.waiting[status.GetWorkerId()]; !newer {
			o.add(status)
		}
	}
	if o.releases == nil {
		o.releases = o.sent.GetReleases()
	}
	o.sent, o.number = nil, 0
	o.poke()
}

// next returns the next report; nil if there is nothing to tell, or one is on its way.
func (o *outbox) next() *agentv1.Report {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent != nil || len(o.order) == 0 && o.releases == nil {
		return nil
	}
	o.number++
	report := &agentv1.Report{Number: o.number, Releases: o.releases}
	count := min(len(o.order), maxBatch)
	for _, id := range o.order[:count] {
		report.Workers = append(report.Workers, o.waiting[id])
		delete(o.waiting, id)
	}
	o.order, o.releases, o.sent = o.order[count:], nil, report
	return report
}

// unacknowledged returns the report that is on its way; nil if there is none.
func (o *outbox) unacknowledged() *agentv1.Report {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent
}

// acknowledged says that a report is in the log.
func (o *outbox) acknowledged(number uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent.GetNumber() != number {
		return // of a copy that was sent again
	}
	o.sent = nil
	o.poke()
}

func (o *outbox) poke() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}
