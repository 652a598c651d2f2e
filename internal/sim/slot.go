package sim

import (
	"slices"
	"time"

	"github.com/headrace/headrace/server/command"
)

// slot is a pre-initialised slot as its machine knows it.
type slot struct {
	command.SlotStatus
	told bool
}

// prepare takes what the assignment says of slots: new ones are prepared, which takes a while or is refused; others are
// dropped.
func (n *node) prepare() {
	view := n.world.view()
	n.slots = slices.DeleteFunc(n.slots, func(s *slot) bool {
		row := view.Slot(s.SlotID)
		return row == nil || row.Node != n.id
	})
	for row := range view.PoolOfNode(n.id) {
		known := slices.ContainsFunc(n.slots, func(s *slot) bool { return s.SlotID == row.ID })
		if known {
			continue
		}
		s := &slot{SlotStatus: command.SlotStatus{SlotID: row.ID}}
		n.slots = append(n.slots, s)
		n.world.after(n.world.between(0, 5*time.Second), func() { s.decide(n.world) })
	}
}

// decide is the end of a slot's preparation.
func (s *slot) decide(w *world) {
	if w.faults && w.chance(15) {
		s.Error = "the release cannot be fetched"
		return
	}
	s.Ready = true
}

// reportSlots tells what became of slots, sometimes again much later.
func (n *node) reportSlots() {
	c := &command.ReportSlots{Node: n.id}
	var news []*slot
	for _, s := range n.slots {
		if !s.told && (s.Ready || s.Error != "") {
			news = append(news, s)
			c.Statuses = append(c.Statuses, s.SlotStatus)
			n.avoid(s)
		}
	}
	if n.asking || len(news) == 0 {
		return
	}
	again := *c
	n.ask(c.Decide, func(err error) {
		if err != nil {
			return
		}
		for _, s := range news[:c.Taken] {
			s.told = true
		}
	})
	if n.world.faults && n.world.chance(10) {
		n.world.after(n.world.between(0, 30*time.Second), func() { n.world.execute(again.Decide, func(error) {}) })
	}
}

// avoid is what the leader notes of a node that refuses a slot.
func (n *node) avoid(s *slot) {
	if row := n.world.view().Slot(s.SlotID); row != nil && s.Error != "" {
		n.world.planner.avoided.Refused(row.Application, n.id, n.world.now)
	}
}
