package state

import (
	"iter"

	"github.com/headrace/headrace/internal/resource"
)

// Slot is an amount of resources that is held on a node. It is a thing of its own, because a slot may outlive the process in
// it; a worker that nothing was prepared for has a slot of its own, named as it is.
type Slot struct {
	ID          string
	Application string
	Node        string
	Size        Size
	Worker      string // the worker in it
}

// Slot returns the slot with an id, or nil.
func (v *View) Slot(id string) *Slot { return v.slots.get(id) }

// Slots yields all slots by id.
func (v *View) Slots() iter.Seq[*Slot] { return v.slots.all() }

// PutSlot adds a slot that is not there yet; node and application use its size from now on.
func (tx *Tx) PutSlot(s Slot) {
	tx.view.slots.put(s.ID, &s)
	tx.use(&s, s.Size.Vector)
}

// RemoveSlot frees a slot.
func (tx *Tx) RemoveSlot(id string) {
	s := tx.view.slots.get(id)
	tx.view.slots.remove(id)
	tx.use(s, resource.Vector{}.Sub(s.Size.Vector))
}

// use is the only place where what is used changes.
func (tx *Tx) use(s *Slot, more resource.Vector) {
	change(&tx.view.usedOfNode, s.Node, more)
	change(&tx.view.usedOfApplication, s.Application, more)
}

func change(used *table[resource.Vector], id string, more resource.Vector) {
	sum := used.get(id).Add(more)
	if sum.IsZero() {
		used.remove(id)
		return
	}
	used.put(id, sum)
}
