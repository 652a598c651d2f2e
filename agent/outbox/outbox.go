package outbox

import (
	"slices"
	"strings"
	"sync"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// MaxBatch is how many workers, and how many slots, one message may tell of.
const MaxBatch = 256

// maxMessage is the longest message of a status, in bytes.
const maxMessage = 4 << 10

// Outbox holds what no server has in its log yet: of each worker and slot the newest status. One report is on its way
// at a time; what changes meanwhile waits for the next. Its methods may be called by many goroutines.
type Outbox struct {
	mu       sync.Mutex
	workers  news[*agentv1.WorkerStatus]
	slots    news[*agentv1.SlotStatus]
	releases *agentv1.ReleaseHoldings // nil: not changed
	sent     *agentv1.Report          // not acknowledged; nil: none
	number   uint64                   // of the newest report of this session
	changed  chan struct{}            // has a value when there may be something to send
}

// New returns an empty outbox.
func New() *Outbox { return &Outbox{changed: make(chan struct{}, 1)} }

// Changed has a value when there may be something to send.
func (o *Outbox) Changed() <-chan struct{} { return o.changed }

// Put replaces what waits to be told of a worker.
func (o *Outbox) Put(status *agentv1.WorkerStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.workers.put(status.GetWorkerId(), status)
	o.poke()
}

// PutSlot replaces what waits to be told of a slot.
func (o *Outbox) PutSlot(status *agentv1.SlotStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slots.put(status.GetSlotId(), status)
	o.poke()
}

// PutReleases replaces what waits to be told of the node's releases.
func (o *Outbox) PutReleases(labels []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.releases = &agentv1.ReleaseHoldings{Labels: labels}
	o.poke()
}

// Drop forgets what waits of a worker that no server asks for any more.
func (o *Outbox) Drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.workers.drop(id)
}

// DropSlot forgets what waits of a slot that the node holds no longer.
func (o *Outbox) DropSlot(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slots.drop(id)
}

// Told says whether a server has acknowledged all that there was of a worker.
func (o *Outbox) Told(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.workers.waits(id) &&
		!slices.ContainsFunc(o.sent.GetWorkers(), func(s *agentv1.WorkerStatus) bool { return s.GetWorkerId() == id })
}

// Restart begins a session: what was not acknowledged waits again, unless there is something newer, and numbers begin
// anew.
func (o *Outbox) Restart() {
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
	o.sent = nil
	o.number = 0
	o.poke()
}

// Next returns the next report; nil if there is nothing to tell, or one is on its way.
func (o *Outbox) Next() *agentv1.Report {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent != nil || o.workers.none() && o.slots.none() && o.releases == nil {
		return nil
	}
	o.number++
	o.sent = &agentv1.Report{
		Number:   o.number,
		Releases: o.releases,
		Workers:  o.workers.take(MaxBatch),
		Slots:    o.slots.take(MaxBatch),
	}
	o.releases = nil
	return o.sent
}

// Unacknowledged returns the report that is on its way; nil if there is none.
func (o *Outbox) Unacknowledged() *agentv1.Report {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent
}

// Acknowledged says that a report is in the log.
func (o *Outbox) Acknowledged(number uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent.GetNumber() != number {
		return // of a copy that was sent again
	}
	o.sent = nil
	o.poke()
}

func (o *Outbox) poke() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// Bounded returns a message that fits into a status: its end, which says more than its beginning.
func Bounded(message string) string {
	message = strings.ToValidUTF8(message, "?")
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[len(message)-maxMessage:], "")
}
