package state

import (
	"iter"
	"time"

	"github.com/headrace/headrace/internal/resource"
)

// Slot is an amount of resources that is held on a node. It is a thing of its own, because a pre-initialised slot
// outlives the workers in it; a worker that nothing was prepared for has a slot of its own, named as it is.
type Slot struct {
	ID          string
	Application string
	Node        string
	Size        Size
	Worker      string // the worker in it; empty: none, which only a pre-initialised slot can say

	// The following are set for a pre-initialised slot only.
	Type     WorkerType // of the workers that it is for
	Ready    bool       // its node has prepared it
	Reserved time.Time
}

// Preinitialised says whether the slot is of an application's initial capacity.
func (s *Slot) Preinitialised() bool { return s.Type != 0 }

// Free says whether a worker may be assigned to the slot.
func (s *Slot) Free() bool { return s.Preinitialised() && s.Ready && s.Worker == "" }

// Slot returns the slot with an id, or nil.
func (v *View) Slot(id string) *Slot { return v.slots.get(id) }

// Slots yields all slots by id.
func (v *View) Slots() iter.Seq[*Slot] { return v.slots.all() }

// PoolOfApplication yields an application's pre-initialised slots, by type and id.
func (v *View) PoolOfApplication(application string) iter.Seq[*Slot] {
	return v.resolveSlots(v.poolOfApplication.within(key(application, "")))
}

// PoolOfNode yields the pre-initialised slots on a node, by id.
func (v *View) PoolOfNode(node string) iter.Seq[*Slot] {
	return v.resolveSlots(v.poolOfNode.within(key(node, "")))
}

func (v *View) resolveSlots(ids iter.Seq[string]) iter.Seq[*Slot] {
	return func(yield func(*Slot) bool) {
		for id := range ids {
			if !yield(v.slots.get(id)) {
				return
			}
		}
	}
}

// Used returns what all slots of the cluster hold.
func (v *View) Used() resource.Vector { return v.used.get("") }

// PutSlot adds or replaces a slot. A slot keeps its application, node, type and size for ever. What a new slot holds
// counts as used from now on.
func (tx *Tx) PutSlot(s Slot) {
	old := tx.view.slots.get(s.ID)
	if old == nil {
		tx.use(&s, s.Size.Vector, 1)
	}
	if s.Preinitialised() {
		changed(&tx.view.changes.Slots, s.ID)
		if old != nil {
			tx.discountSlot(old)
		}
		tx.countSlot(&s)
		tx.view.poolOfApplication.put(s.poolKey(), s.ID)
		tx.view.poolOfNode.put(key(s.Node, s.ID), s.ID)
	}
	tx.view.slots.put(s.ID, &s)
}

// RemoveSlot removes a slot; what it held is free.
func (tx *Tx) RemoveSlot(id string) {
	s := tx.view.slots.get(id)
	tx.view.slots.remove(id)
	tx.use(s, resource.Vector{}.Sub(s.Size.Vector), -1)
	if s.Preinitialised() {
		changed(&tx.view.changes.Slots, s.ID)
		tx.discountSlot(s)
		tx.view.poolOfApplication.remove(s.poolKey())
		tx.view.poolOfNode.remove(key(s.Node, s.ID))
	}
}

func (s *Slot) poolKey() string { return key(s.Application, part(uint32(s.Type)), s.ID) }

// use changes what is used; nothing else does.
func (tx *Tx) use(s *Slot, more resource.Vector, slots int64) {
	changed(&tx.view.changes.Nodes, s.Node)
	changed(&tx.view.changes.Applications, s.Application)
	if n := tx.view.slotsOfNode.get(s.Node) + slots; n == 0 {
		tx.view.slotsOfNode.remove(s.Node)
	} else {
		tx.view.slotsOfNode.put(s.Node, n)
	}
	change(&tx.view.usedOfNode, s.Node, more)
	change(&tx.view.usedOfApplication, s.Application, more)
	change(&tx.view.used, "", more)
}

func change(used *table[resource.Vector], id string, more resource.Vector) {
	sum := used.get(id).Add(more)
	if sum.IsZero() {
		used.remove(id)
		return
	}
	used.put(id, sum)
}
