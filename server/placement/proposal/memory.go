package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// Memory is what is remembered between plans. It may be lost at any time: a new leader begins with none. It belongs to
// one goroutine.
type Memory struct {
	refused  map[string]uint64   // run or application → the record of a plan that was refused: skipped until the next
	cycles   map[string]cycle    // run → its current cycle of growth
	releases map[string]holdings // node → its releases as a set
	promises []scheduler.Promise // of the newest plan
	looked   time.Time           // when a plan last looked for promises
	looks    uint64              // plans that did
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

// NewMemory returns an empty memory.
func NewMemory() *Memory {
	return &Memory{refused: map[string]uint64{}, cycles: map[string]cycle{}, releases: map[string]holdings{}}
}

// lookInterval is how often plans look for promises. It looks at every worker on the nodes in question.
const lookInterval = 3 * time.Second

// Planned notes what a plan promised, which was made at a time.
func (m *Memory) Planned(plan scheduler.Output, now time.Time) {
	m.promises = plan.Promises
	if now.Sub(m.looked) >= lookInterval {
		m.looked = now
		m.looks++
	}
}

// Placed notes that workers were given.
func (m *Memory) Placed(placement scheduler.Placement, now time.Time) {
	if placement.Driver != "" {
		return // the initial set is not paced
	}
	c := m.cycle(placement.Run, now)
	c.given += uint32(len(placement.Slots))
	for _, share := range placement.Shares {
		c.given += share.Count
	}
	m.cycles[placement.Run] = c
}

// Refused notes that the door refused a plan for a run, or for the slots of an application, that was made on the state
// at a record. It is not asked for again on that state.
func (m *Memory) Refused(id string, record uint64) { m.refused[id] = record }

// forget drops what is remembered of what is gone. It looks at everything; a book that follows forgets one by one.
func (m *Memory) forget(view *state.View) {
	m.forgetRefused(view)
	for run := range m.cycles {
		m.forgetRun(run, view)
	}
	for node := range m.releases {
		m.forgetNode(node, view)
	}
}

// forgetRefused drops the refusals of plans that were made on an older state.
func (m *Memory) forgetRefused(view *state.View) {
	for id := range m.refused {
		if !m.skips(id, view) {
			delete(m.refused, id)
		}
	}
}

func (m *Memory) forgetRun(id string, view *state.View) {
	if row := view.JobRun(id); row == nil || row.State.Terminal() {
		delete(m.cycles, id)
	}
}

func (m *Memory) forgetNode(id string, view *state.View) {
	if view.Node(id) == nil {
		delete(m.releases, id)
	}
}

// skips says whether the plan for a run or an application was refused on this very state.
func (m *Memory) skips(id string, view *state.View) bool {
	at, refused := m.refused[id]
	return refused && view.Sequence <= at
}

// cycle returns the run's cycle, which is a new one when the last is over.
func (m *Memory) cycle(run string, now time.Time) cycle {
	if c := m.cycles[run]; now.Sub(c.began) < CycleTime {
		return c
	}
	return cycle{began: now}
}

// held returns a node's releases as a set; it is made again only when the node's row has changed.
func (m *Memory) held(node *state.Node) map[string]bool {
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
