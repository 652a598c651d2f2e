package scheduler

import (
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

func newStock() *stock { return &stock{slots: map[string]*slot{}, counts: map[Role]int64{}} }

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
	slot.on = n
	s.on[n] = resource.Room{Vector: s.on[n].Add(slot.Size.Vector), Slots: s.on[n].Slots + 1}
	shelf.slots[n.zone] = append(shelf.slots[n.zone], slot)
	slot.free = shelf.free[n.zone]
	slot.shelve(slot.Free)
}

// heldIn counts the slots of a zone, taken or free, that serve workers of a size, and whose nodes do.
func (s *stock) heldIn(zone int, role Role, need resource.Size, needs *Needs) (count int64) {
	if s.shelves[role] == nil {
		return 0
	}
	for _, slot := range s.shelves[role].slots[zone] {
		if slot.Size.Serves(need) && needs.lets(slot.on) {
			count++
		}
	}
	return count
}

// pick returns at most count free slots of a zone for workers of a size, whose nodes serve, and those on the last node
// last; a nil stock has none.
func (s *stock) pick(
	zone int, role Role, need resource.Size, count int64, needs *Needs, last string,
) (picked []*slot) {
	if s == nil || s.shelves[role] == nil || count <= 0 {
		return nil
	}
	for _, onLast := range []bool{false, true} {
		s.shelves[role].free[zone].Scan(func(slot *slot) bool {
			if (slot.Node == last) == onLast && slot.Size.Serves(need) && needs.lets(slot.on) {
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

// use takes a slot off its shelf, for the plan in the making.
func (s *stock) use(slot *slot) {
	s.touch(slot)
	slot.shelve(false)
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
