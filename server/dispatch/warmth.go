package dispatch

import (
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Warmth says what is in a pre-initialised slot that has no worker.
type Warmth int

// What is in a slot.
const (
	NotWarm Warmth = iota // nothing, as far as this server has heard
	Warming               // a process is being warmed
	Warm                  // a process waits for a worker
)

// warmths is what a node says of its slots, by their ids.
type warmths map[string]Warmth

// takeWarmth keeps what a renewal says of the node's slots, which is all of them, until the next one or until the
// session ends. It is shown to people, and decides nothing. checkRenew bounds how many slots there are.
func (s *session) takeWarmth(m *agentv1.Renew) {
	slots := warmths{}
	for _, id := range m.GetWarmingSlots() {
		slots[id] = Warming
	}
	for _, id := range m.GetWarmSlots() {
		slots[id] = Warm
	}
	s.warmth.Store(&slots)
}

// Warmth returns what a node last said of one of its slots. A server that does not lead knows nothing, nor does the
// leader of a node whose agent is not connected.
func (d *Dispatch) Warmth(node, slot string) Warmth {
	s := d.session(node)
	if s == nil {
		return NotWarm
	}
	slots := s.warmth.Load()
	if slots == nil {
		return NotWarm
	}
	return (*slots)[slot]
}
