package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// owner is an application with what it asks for and the slots that it has.
type owner struct {
	Application
	known bool // the application was set; else it has weight 1 and no limit
	lines map[lineKey]*line
	stock *stock

	application *application // while it asks for something: as of the newest plan

	judged uint64 // the newest plan that left slots missing
	wait   Wait   // why, by that plan
}

// owner returns the owner with an id, and adds it when it is named for the first time.
func (c *Cluster) owner(id string) *owner {
	if c.owners[id] == nil {
		c.owners[id] = &owner{
			Application: Application{ID: id},
			lines:       map[lineKey]*line{},
			stock:       newStock(),
		}
	}
	return c.owners[id]
}

// SetApplication adds an application, or changes it.
func (c *Cluster) SetApplication(a Application) {
	o := c.owner(a.ID)
	o.Application = a
	o.Pools = slices.Clone(a.Pools)
	slices.SortFunc(o.Pools, func(x, y Pool) int { return cmp.Compare(x.Role, y.Role) })
	o.known = true
	o.stock.wanted = wantedBy(o.Pools)
	c.heed(o)
}

// RemoveApplication takes an application out; it may be unknown. What it asks for and its slots stay.
func (c *Cluster) RemoveApplication(id string) {
	if o := c.owners[id]; o != nil {
		o.Application = Application{ID: id}
		o.known = false
		o.stock.wanted = resource.Vector{}
		c.heed(o)
	}
}

// heed notes whether an owner asks for something, and forgets one of which nothing is left.
func (c *Cluster) heed(o *owner) {
	if len(o.lines) > 0 || o.misses() {
		c.asking[o.ID] = o
		return
	}
	delete(c.asking, o.ID)
	if !o.known && len(o.stock.slots) == 0 {
		delete(c.owners, o.ID)
	}
}

// misses says whether the owner has fewer slots than it is to have.
func (o *owner) misses() bool {
	return slices.ContainsFunc(o.Pools, func(p Pool) bool { return o.stock.counts[p.Role] < int64(p.Count) })
}

// stocked says whether the owner has slots, or is to have some.
func (o *owner) stocked() bool { return len(o.Pools) > 0 || len(o.stock.slots) > 0 }

// wantedBy returns what the slots of pools hold once none is missing.
func wantedBy(pools []Pool) (sum resource.Vector) {
	for _, pool := range pools {
		sum = sum.Add(pool.Size.Times(int64(pool.Count)))
	}
	return sum
}
