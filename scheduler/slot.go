package scheduler

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"

	"github.com/headrace/headrace/internal/resource"
)

// stock is the pre-initialised slots of one application.
type stock struct {
	slots  map[string]*slot // by id
	counts map[Role]int64   // slots by role
	held   resource.Vector  // what all slots hold
	wanted resource.Vector  // what they will once none is missing

	// The rest is sorted by zone, as of the last settle. It is sorted anew when slots come or go, or nodes do; what is
	// taken and given back follows one by one.
	sorted   bool
	members  uint64 // Cluster.members at that time
	touched  []*slot
	reserved resource.Vector // what the plan in the making reserves
	shelves  map[Role]*shelf
	on       map[*node]resource.Room // what the slots on a node hold, and how many they are
	// shapes are those of the application's requests. Slots of other applications are of no use to it, so it shares
	// none.
	shapes map[shapeKey]*shape
}

// slot is a slot with its place on its shelf.
type slot struct {
	Slot
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

func newStock() *stock { return &stock{slots: map[string]*slot{}, counts: map[Role]int64{}} }

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

// settle makes the shelves agree with what is free.
func (s *stock) settle(c *Cluster) {
	if !s.sorted || s.members != c.members {
		s.sort(c)
	}
	for _, slot := range s.touched {
		slot.touched = false
		slot.shelve(slot.Free)
	}
	clear(s.touched)
	s.touched = s.touched[:0]
}

// sort sorts all slots anew.
func (s *stock) sort(c *Cluster) {
	s.sorted = true
	s.members = c.members
	s.reserved = resource.Vector{}
	s.shelves = map[Role]*shelf{}
	s.on = map[*node]resource.Room{}
	s.shapes = map[shapeKey]*shape{}
	for _, slot := range s.slots {
		s.stack(c, slot)
	}
}

// forgetShapes drops what is known of the shapes of the application's requests.
func (s *stock) forgetShapes() { clear(s.shapes) }

// stack puts one slot on its shelf. If its node is not there, the slot is held, and of no use.
func (s *stock) stack(c *Cluster, slot *slot) {
	shelf := s.shelf(slot.Role, len(c.zones))
	shelf.count++
	slot.free = nil
	slot.shelved = false
	n := c.nodes[slot.Node]
	if n == nil {
		return
	}
	s.on[n] = resource.Room{Vector: s.on[n].Add(slot.Size.Vector), Slots: s.on[n].Slots + 1}
	shelf.slots[n.zone] = append(shelf.slots[n.zone], slot)
	slot.free = shelf.free[n.zone]
	slot.shelve(slot.Free)
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

// heldIn counts the slots of a zone, taken or free, that serve workers of a size, but for those on avoided nodes.
func (s *stock) heldIn(zone int, role Role, need resource.Size, avoid []string) (count int64) {
	if s.shelves[role] == nil {
		return 0
	}
	for _, slot := range s.shelves[role].slots[zone] {
		if slot.Size.Serves(need) && !slices.Contains(avoid, slot.Node) {
			count++
		}
	}
	return count
}

// pick returns at most count free slots of a zone for workers of a size, none on avoided nodes, and those on the last
// node last; a nil stock has none.
func (s *stock) pick(
	zone int, role Role, need resource.Size, count int64, avoid []string, last string,
) (picked []*slot) {
	if s == nil || s.shelves[role] == nil || count <= 0 {
		return nil
	}
	for _, onLast := range []bool{false, true} {
		s.shelves[role].free[zone].Scan(func(slot *slot) bool {
			if (slot.Node == last) == onLast && slot.Size.Serves(need) && !slices.Contains(avoid, slot.Node) {
				picked = append(picked, slot)
			}
			return int64(len(picked)) < count
		})
		if last == "" || int64(len(picked)) == count {
			break
		}
	}
	return picked
}

// use takes slots off their shelf, for the plan in the making.
func (s *stock) use(slots ...*slot) {
	for _, slot := range slots {
		s.touch(slot)
		slot.shelve(false)
	}
}

// reserve counts a slot that the plan in the making reserves. It is not ready, and gone when the next plan begins.
func (s *stock) reserve(c *Cluster, added *slot) {
	s.stack(c, added)
	s.reserved = s.reserved.Add(added.Size.Vector)
	s.forgetShapes()
	s.sorted = false
}

// beyond returns what a node offers beside the slots on it.
func (s *stock) beyond(n *node) resource.Room {
	return offered(n.Capacity).Without(s.on[n].Vector, s.on[n].Slots)
}

// promised returns what all slots hold, or will; a nil stock has none.
func (s *stock) promised() resource.Vector {
	if s == nil {
		return resource.Vector{}
	}
	return larger(s.held.Add(s.reserved), s.wanted)
}
