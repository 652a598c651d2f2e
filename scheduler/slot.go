package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// stock is the pre-initialised slots of one application while a plan is made.
type stock struct {
	roles  map[Role]*shelf
	on     map[*node]resource.Room // what the slots on a node hold, and how many they are
	held   resource.Vector         // what all slots hold
	wanted resource.Vector         // what they will once none is missing
	// shapes are those of the application's requests. Slots of other applications are of no use to it, so it shares
	// none.
	shapes map[shapeKey]*shape
}

// shelf is the slots of one role. Zones are in the order of cluster.zones.
type shelf struct {
	count int64     // slots, also those on nodes that are not there
	slots [][]*Slot // by zone, taken or free, and those that this plan reserves
	free  [][]*Slot // by zone, those that may be used, by node and id
}

// stocks sorts the slots of all applications that have any, or are to have them.
func (c *cluster) stocks(in Input) map[string]*stock {
	all := map[string]*stock{}
	of := func(application string) *stock {
		if all[application] == nil {
			all[application] = &stock{
				roles:  map[Role]*shelf{},
				on:     map[*node]resource.Room{},
				shapes: map[shapeKey]*shape{},
			}
		}
		return all[application]
	}
	for i := range in.Applications {
		for _, pool := range in.Applications[i].Pools {
			s := of(in.Applications[i].ID)
			s.wanted = s.wanted.Add(pool.Size.Times(int64(pool.Count)))
		}
	}
	for i := range in.Slots {
		c.stack(of(in.Slots[i].Application), &in.Slots[i])
	}
	for _, s := range all {
		s.sort()
	}
	return all
}

// stack puts one slot on its shelf. If its node is not there, the slot is held, and of no use.
func (c *cluster) stack(s *stock, slot *Slot) {
	shelf := s.shelf(slot.Role, len(c.zones))
	shelf.count++
	s.held = s.held.Add(slot.Size.Vector)
	n := c.byID[slot.Node]
	if n == nil {
		return
	}
	s.on[n] = resource.Room{Vector: s.on[n].Add(slot.Size.Vector), Slots: s.on[n].Slots + 1}
	zone := c.zoneOf(n.Zone)
	shelf.slots[zone] = append(shelf.slots[zone], slot)
	if slot.Free {
		shelf.free[zone] = append(shelf.free[zone], slot)
	}
}

func (s *stock) shelf(role Role, zones int) *shelf {
	if s.roles[role] == nil {
		s.roles[role] = &shelf{slots: make([][]*Slot, zones), free: make([][]*Slot, zones)}
	}
	return s.roles[role]
}

func (s *stock) sort() {
	for _, shelf := range s.roles {
		for _, slots := range shelf.free {
			slices.SortFunc(slots, func(x, y *Slot) int {
				return cmp.Or(cmp.Compare(x.Node, y.Node), cmp.Compare(x.ID, y.ID))
			})
		}
	}
}

// heldIn counts the slots of a zone, taken or free, that serve workers of a size, but for those on avoided nodes; nil
// has none.
func (s *stock) heldIn(zone int, role Role, need resource.Size, avoid []string) (count int64) {
	if s == nil || s.roles[role] == nil {
		return 0
	}
	for _, slot := range s.roles[role].slots[zone] {
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
) (picked []*Slot) {
	if s == nil || s.roles[role] == nil {
		return nil
	}
	for _, onLast := range []bool{false, true} {
		for _, slot := range s.roles[role].free[zone] {
			if int64(len(picked)) == count {
				return picked
			}
			if (slot.Node == last) == onLast && slot.Size.Serves(need) && !slices.Contains(avoid, slot.Node) {
				picked = append(picked, slot)
			}
		}
	}
	return picked
}

// use takes slots of one role off their shelf.
func (s *stock) use(zone int, slots []*Slot) {
	taken := make(map[*Slot]bool, len(slots))
	for _, slot := range slots {
		taken[slot] = true
	}
	free := s.roles[slots[0].Role].free
	free[zone] = slices.DeleteFunc(free[zone], func(slot *Slot) bool { return taken[slot] })
}

// beyond returns what a node offers beside the slots on it; a nil stock has none.
func (s *stock) beyond(n *node) resource.Room {
	if s == nil {
		return offered(n)
	}
	return offered(n).Without(s.on[n].Vector, s.on[n].Slots)
}

// promised returns what all slots hold, or will; a nil stock has none.
func (s *stock) promised() resource.Vector {
	if s == nil {
		return resource.Vector{}
	}
	return larger(s.held, s.wanted)
}
