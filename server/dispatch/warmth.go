package dispatch

import (
	"sync"

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

// warmths is what the agents said of their slots when they last renewed their leases. It is shown to people, and
// decides nothing. Its zero value is empty.
type warmths struct {
	mu    sync.Mutex
	nodes map[string]map[string]Warmth // by node, then by slot
}

// set notes what a node says of its slots, which is all of them. checkRenew bounds how many.
func (w *warmths) set(node string, m *agentv1.Renew) {
	slots := map[string]Warmth{}
	for _, id := range m.GetWarmingSlots() {
		slots[id] = Warming
	}
	for _, id := range m.GetWarmSlots() {
		slots[id] = Warm
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes == nil {
		w.nodes = map[string]map[string]Warmth{}
	}
	w.nodes[node] = slots
}

func (w *warmths) get(node, slot string) Warmth {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nodes[node][slot]
}

// forget drops what nodes said that are gone.
func (w *warmths) forget(gone func(node string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for node := range w.nodes {
		if gone(node) {
			delete(w.nodes, node)
		}
	}
}

// Warmth returns what a node last said of one of its slots. A server that does not lead knows nothing.
func (d *Dispatch) Warmth(node, slot string) Warmth {
	t := d.leadership.Load()
	if t == nil {
		return NotWarm
	}
	return t.warmths.get(node, slot)
}
