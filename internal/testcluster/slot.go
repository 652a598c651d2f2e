package testcluster

import (
	"slices"
	"strings"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Preparation is how a node prepares a pre-initialised slot. Its zero value is at once.
type Preparation struct {
	Until  <-chan struct{} // it takes until this is closed
	Refuse string          // it cannot, with these words
}

// slot is a pre-initialised slot of a simulated node. Like the agent's, it outlives sessions, but not the machine.
type slot struct {
	assigned *agentv1.AssignedSlot
	status   *agentv1.SlotStatus // nil while it is prepared
	unsaid   bool
	dropped  chan struct{} // closed when the node holds it no longer
}

// Slots returns what the node was told of the slots that it holds, by id.
func (n *Node) Slots() (held []*agentv1.AssignedSlot) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.slots {
		held = append(held, s.assigned)
	}
	slices.SortFunc(held, func(a, b *agentv1.AssignedSlot) int { return strings.Compare(a.GetSlotId(), b.GetSlotId()) })
	return held
}

// takeSlots takes what an assignment says of slots.
func (n *Node) takeSlots(a *agentv1.Assignment) {
	n.mu.Lock()
	defer n.mu.Unlock()
	named := map[string]bool{}
	for _, wanted := range a.GetSlots() {
		named[wanted.GetSlotId()] = true
		n.takeSlot(wanted, a.GetComplete())
	}
	for id := range n.slots {
		if a.GetComplete() && !named[id] || slices.Contains(a.GetForgetSlots(), id) {
			close(n.slots[id].dropped)
			delete(n.slots, id)
		}
	}
}

// takeSlot begins to prepare a slot, or tells a new session again what became of one that is known. The caller holds
// the lock.
func (n *Node) takeSlot(wanted *agentv1.AssignedSlot, again bool) {
	if known := n.slots[wanted.GetSlotId()]; known != nil {
		known.assigned = wanted
		known.unsaid = known.unsaid || again && known.status != nil
		n.wake()
		return
	}
	s := &slot{assigned: wanted, dropped: make(chan struct{})}
	n.slots[wanted.GetSlotId()] = s
	n.group.Go(func() { n.prepareSlot(s, wanted) })
}

func (n *Node) prepareSlot(s *slot, wanted *agentv1.AssignedSlot) {
	var how Preparation
	if n.prepare != nil {
		how = n.prepare(wanted)
	}
	if how.Until != nil {
		select {
		case <-how.Until:
		case <-s.dropped:
			return
		}
	}
	n.mu.Lock()
	s.status = &agentv1.SlotStatus{SlotId: wanted.GetSlotId(), Ready: how.Refuse == "", Error: how.Refuse}
	s.unsaid = true
	n.mu.Unlock()
	n.wake()
}

// slotNews returns statuses that the leader has not heard, by id.
func (n *Node) slotNews() (news []*agentv1.SlotStatus) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.slots {
		if s.unsaid {
			news = append(news, s.status)
		}
	}
	slices.SortFunc(news, func(a, b *agentv1.SlotStatus) int { return strings.Compare(a.GetSlotId(), b.GetSlotId()) })
	return news[:min(len(news), maxReport)]
}

// slotsAcknowledged notes that the leader has these statuses.
func (n *Node) slotsAcknowledged(told []*agentv1.SlotStatus) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, status := range told {
		if s := n.slots[status.GetSlotId()]; s != nil && s.status == status {
			s.unsaid = false
		}
	}
}

// dropSlots forgets all slots, as a machine does that loses power. The caller holds the lock.
func (n *Node) dropSlots() {
	for id, s := range n.slots {
		close(s.dropped)
		delete(n.slots, id)
	}
}
