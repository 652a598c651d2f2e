package agent

import (
	"slices"
	"sync"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxBatch is how many workers, and how many slots, one report may tell of.
const maxBatch = 256

// outbox holds what no server has in its log yet: of each worker and slot the newest status, so it is never larger than the
// node's workers and slots. One report is on its way at a time; what changes meanwhile waits for the next.
type outbox struct {
	mu       sync.Mutex
	workers  news[*agentv1.WorkerStatus]
	slots    news[*agentv1.SlotStatus]
	releases *agentv1.ReleaseHoldings // nil: not changed
	sent     *agentv1.Report          // not acknowledged; nil: none
	number   uint64                   // of the newest report of this session
	changed  chan struct{}            // has a value when there may be something to send
}

func newOutbox() *outbox { return &outbox{changed: make(chan struct{}, 1)} }

// put replaces what waits to be told of a worker.
func (o *outbox) put(status *agentv1.WorkerStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.workers.put(status.GetWorkerId(), status)
	o.poke()
}

// putSlot replaces what waits to be told of a slot.
func (o *outbox) putSlot(status *agentv1.SlotStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slots.put(status.GetSlotId(), status)
	o.poke()
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
	o.workers.drop(id)
}

// dropSlot forgets what waits of a slot that the node holds no longer.
func (o *outbox) dropSlot(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slots.drop(id)
}

// told says whether a server has acknowledged all that there was of a worker.
func (o *outbox) told(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.workers.waits(id) &&
		!slices.ContainsFunc(o.sent.GetWorkers(), func(s *agentv1.WorkerStatus) bool { return s.GetWorkerId() == id })
}

// restart begins a session: what was not acknowledged waits again, unless there is something newer, and numbers begin anew.
func (o *outbox) restart() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, status := range o.sent.GetWorkers() {
		o.workers.again(status.GetWorkerId(), status)
	}
	for _, status := range o.sent.GetSlots() {
		o.slots.again(status.GetSlotId(), status)
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
	if o.sent != nil || o.workers.none() && o.slots.none() && o.releases == nil {
		return nil
	}
	o.number++
	o.sent = &agentv1.Report{
		Number: o.number, Releases: o.releases, Workers: o.workers.take(maxBatch), Slots: o.slots.take(maxBatch),
	}
	o.releases = nil
	return o.sent
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
