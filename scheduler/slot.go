package scheduler

import (
	"cmp"

	"github.com/tidwall/btree"
)

// slot is a slot with its place on its shelf.
type slot struct {
	Slot
	on      *node                // its node, if free is set
	free    *btree.BTreeG[*slot] // where it stands while it may be used; nil: its node is not there
	shelved bool                 // it stands there
	touched bool                 // it is in stock.touched
}

// shelf is the slots of one role. Zones are in the order of Cluster.zones.
type shelf struct {
	count int64                  // slots, also those on nodes that are not there, and those that the plan reserves
	slots [][]*slot              // by zone, taken or free, and those that the plan reserves
	free  []*btree.BTreeG[*slot] // by zone, those that may be used, by node and id
}

// SetSlot adds a pre-initialised slot, or changes it.
func (c *Cluster) SetSlot(s Slot) {
	old := c.slots[s.ID]
	if old != nil && old.isSame(&s) {
		old.Free = s.Free
		c.owners[s.Application].stock.touch(old)
		return
	}
	c.RemoveSlot(s.ID)
	o := c.owner(s.Application)
	added := &slot{Slot: s}
	c.slots[s.ID] = added
	o.stock.slots[s.ID] = added
	o.stock.count(added, 1)
	c.heed(o)
}

// isSame says whether a slot is as it was, but for being free or not.
func (s *Slot) isSame(other *Slot) bool {
	was := *s
	was.Free = other.Free
	return was == *other
}

// RemoveSlot takes a slot out; it may be unknown.
func (c *Cluster) RemoveSlot(id string) {
	s := c.slots[id]
	if s == nil {
		return
	}
	o := c.owners[s.Application]
	delete(c.slots, id)
	delete(o.stock.slots, id)
	o.stock.count(s, -1)
	c.heed(o)
}

// count counts a slot that comes, or goes: then count is negative.
func (s *stock) count(of *slot, count int64) {
	s.counts[of.Role] += count
	s.held = s.held.Add(of.Size.Times(count))
	s.sorted = false
}

// touch notes that a slot may not stand where it should.
func (s *stock) touch(slot *slot) {
	if !slot.touched {
		slot.touched = true
		s.touched = append(s.touched, slot)
	}
}

// shelve puts a slot where free ones stand, or takes it away from there.
func (s *slot) shelve(free bool) {
	if s.free == nil || s.shelved == free {
		return
	}
	s.shelved = free
	if free {
		s.free.Set(s)
	} else {
		s.free.Delete(s)
	}
}

func (s *stock) shelf(role Role, zones int) *shelf {
	if s.shelves[role] == nil {
		made := &shelf{slots: make([][]*slot, zones), free: make([]*btree.BTreeG[*slot], zones)}
		for zone := range made.free {
			made.free[zone] = btree.NewBTreeGOptions(byNode, btree.Options{NoLocks: true})
		}
		s.shelves[role] = made
	}
	return s.shelves[role]
}

func byNode(x, y *slot) bool {
	return cmp.Or(cmp.Compare(x.Node, y.Node), cmp.Compare(x.ID, y.ID)) < 0
}
