package session

import (
	"fmt"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// position tells newer assignments from older ones, over all sessions of the agent.
type position struct {
	term, record uint64
}

// accepts says whether an assignment is not older than the newest that was taken, and takes its place.
func (p *position) accepts(a *agentv1.Assignment) bool {
	if a.GetTerm() < p.term || a.GetTerm() == p.term && a.GetRecord() < p.record {
		return false
	}
	p.term, p.record = a.GetTerm(), a.GetRecord()
	return true
}

// named is what the parts of an assignment have named so far.
type named struct {
	position
	next           uint32 // the part that is to come
	workers, slots map[string]bool
}

// follows says why a part cannot come next; nil: it can. Parts come one after another, all of one record, so that
// nothing is missing when the last one says that all is named.
func (n *named) follows(a *agentv1.Assignment) error {
	at := position{a.GetTerm(), a.GetRecord()}
	if part := a.GetPart(); part != n.next || part > 0 && at != n.position {
		return fmt.Errorf("cannot take part %d of the assignment of term %d and record %d: "+
			"part %d of term %d and record %d is to come", part, at.term, at.record, n.next, n.term, n.record)
	}
	return nil
}

// add notes what a part names.
func (n *named) add(a *agentv1.Assignment) {
	if a.GetPart() == 0 {
		n.position = position{a.GetTerm(), a.GetRecord()}
		n.workers = map[string]bool{}
		n.slots = map[string]bool{}
	}
	for _, w := range a.GetWorkers() {
		n.workers[w.GetWorkerId()] = true
	}
	for _, s := range a.GetSlots() {
		n.slots[s.GetSlotId()] = true
	}
	n.next++
	if !a.GetGoesOn() {
		n.next = 0
	}
}
