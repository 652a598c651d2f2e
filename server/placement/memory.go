package placement

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// memory is what placement remembers between plans. It belongs to the loop.
type memory struct {
	refused  map[string]uint64   // run → the record at which its plan was refused: it is skipped until that changes
	cycles   map[string]cycle    // run → its current cycle of growth
	releases map[string]holdings // node → its releases as a set
}

// cycle is a second in which a run may be given so many workers.
type cycle struct {
	began time.Time
	given uint32
}

// holdings is a node's releases as a set, and the row that it was made from.
type holdings struct {
	row *state.Node
	set map[string]bool
}

func newMemory() *memory {
	return &memory{refused: map[string]uint64{}, cycles: map[string]cycle{}, releases: map[string]holdings{}}
}

// placed notes that workers were given.
func (m *memory) placed(placement scheduler.Placement, now time.Time) {
	if placement.Driver != "" {
		return // the initial set is not paced
	}
	c := m.cycles[placement.Run]
	if now.Sub(c.began) >= cycleTime {
		c = cycle{began: now}
	}
	for _, share := range placement.Shares {
		c.given += share.Count
	}
	m.cycles[placement.Run] = c
}

// forget drops what is remembered of runs and nodes that are gone.
func (m *memory) forget(view *state.View) {
	for run, at := range m.refused {
		if view.Sequence > at {
			delete(m.refused, run)
		}
	}
	for run := range m.cycles {
		if row := view.JobRun(run); row == nil || row.State.Terminal() {
			delete(m.cycles, run)
		}
	}
	for node := range m.releases {
		if view.Node(node) == nil {
			delete(m.releases, node)
		}
	}
}

// held returns a node's releases as a set; it is made again only when the node's row has changed.
func (m *memory) held(node *state.Node) map[string]bool {
	if h := m.releases[node.ID]; h.row == node {
		return h.set
	}
	set := make(map[string]bool, len(node.Releases))
	for _, label := range node.Releases {
		set[label] = true
	}
	m.releases[node.ID] = holdings{node, set}
	return set
}
