package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// stock is the pre-initialised slots of one application while a plan is made.
type stock struct {
	roles map[Role]*shelf
	on    map[string]resource.Vector // node → what the slots on it hold
	total resource.Vector            // what all slots hold, or will once none is missing
	// shapes are those of the application's requests: what another one's slots would give is of no use to it.
	shapes map[shapeKey]*shape
}

// shelf is the slots of one role, by zone in the order of cluster.zones.
type shelf struct {
	held []int64   // slots, taken or free
	free [][]*Slot // those that may be used, by node and id
	size resource.Size
}

// stocks sorts the slots of all applications that have any, or are to have them.
func (c *cluster) stocks(in Input) map[string]*stock {
	all := map[string]*stock{}
	for i := range in.Applications {
		if a := &in.Applications[i]; len(a.Pools) > 0 {
			all[a.ID] = &stock{roles: map[Role]*shelf{}, on: map[string]resource.Vector{}, shapes: map[shapeKey]*shape{}}
		}
	}
	for i := range in.Slots {
		if s := all[in.Slots[i].Application]; s != nil {
			c.stack(s, &in.Slots[i])
		}
	}
	for i := range in.Applications {
		if s := all[in.Applications[i].ID]; s != nil {
			s.finish(in.Applications[i].Pools, len(c.zones))
		}
	}
	return all
}

// stack puts one slot on its shelf. A slot on a node that is not there is about to go.
func (c *cluster) stack(s *stock, slot *Slot) {
	n := c.byID[slot.Node]
	if n == nil {
		return
	}
	shelf := s.shelf(slot.Role, slot.Size, len(c.zones))
	zone := c.zoneOf(n.Zone)
	shelf.held[zone]++
	if slot.Free {
		shelf.free[zone] = append(shelf.free[zone], slot)
	}
	s.on[slot.Node] = s.on[slot.Node].Add(slot.Size.Vector)
	s.total = s.total.Add(slot.Size.Vector)
}

func (s *stock) shelf(role Role, size resource.Size, zones int) *shelf {
	if s.roles[role] == nil {
		s.roles[role] = &shelf{held: make([]int64, zones), free: make([][]*Slot, zones), size: size}
	}
	return s.roles[role]
}

// finish orders the slots, and counts those that are missing into the total.
func (s *stock) finish(pools []Pool, zones int) {
	wanted := resource.Vector{}
	for _, pool := range pools {
		wanted = wanted.Add(pool.Size.Times(int64(pool.Count)))
		for _, slots := range s.shelf(pool.Role, pool.Size, zones).free {
			slices.SortFunc(slots, func(x, y *Slot) int { return cmp.Or(cmp.Compare(x.Node, y.Node), cmp.Compare(x.ID, y.ID)) })
		}
	}
	s.total = larger(s.total, wanted)
}

// heldIn counts the slots of a zone that serve workers of a size; nil has none.
func (s *stock) heldIn(zone int, role Role, need resource.Size) int64 {
	if s == nil || s.roles[role] == nil || !s.roles[role].size.Serves(need) {
		return 0
	}
	return s.roles[role].held[zone]
}

// pick returns at most count free slots of a zone for workers of a size, on nodes that may be used; those on the avoided node
// come last.
func (s *stock) pick(zone int, role Role, need resource.Size, count int64, avoid []string, last string) (picked []*Slot) {
	if s.heldIn(zone, role, need) == 0 {
		return nil
	}
	for _, onLast := range []bool{false, true} {
		for _, slot := range s.roles[role].free[zone] {
			if int64(len(picked)) == count {
				return picked
			}
			if (slot.Node == last) == onLast && !slices.Contains(avoid, slot.Node) {
				picked = append(picked, slot)
			}
		}
	}
	return picked
}

// use takes slots off their shelf.
func (s *stock) use(zone int, slots []*Slot) {
	for _, slot := range slots {
		free := s.roles[slot.Role].free
		free[zone] = slices.DeleteFunc(free[zone], func(other *Slot) bool { return other == slot })
	}
}

// beyond returns what a node offers beside the slots on it; nil has none.
func (s *stock) beyond(n *node) resource.Vector {
	if s == nil {
		return n.Capacity
	}
	return n.Capacity.Sub(s.on[n.ID])
}

// promised returns what all slots hold, or will; nil has none.
func (s *stock) promised() resource.Vector {
	if s == nil {
		return resource.Vector{}
	}
	return s.total
}
