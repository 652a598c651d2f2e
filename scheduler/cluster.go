package scheduler

import (
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// Cluster is everything that plans depend on, in the order in which they need it. Its Set and Remove functions keep it
// as the state is; a plan then costs what it places. It belongs to one goroutine.
//
// A plan takes room on nodes, and slots, while it is made. It does not give them back at its end: it notes what it
// touched, and the next plan begins by setting that right, in settle. Until then the plan was usually accepted, and
// what it took is what is held now, so that nothing has to move.
type Cluster struct {
	nodes   map[string]*node
	inZone  map[string]int  // zone → nodes in it
	total   resource.Vector // capacity of all nodes
	members uint64          // counts the changes of which nodes there are and what they offer
	touched []*node         // whose working amounts may differ from what is free
	zones   []string        // in order, as of the last settle, like all that follows
	mean    resource.Vector // capacity of an average node; no part is zero
	pools   map[class]*pool
	shapes  map[shapeKey]*shape // what is known of requests' shapes as of measured
	// measured is members as of the shapes.
	measured uint64
	shaped   int // shapes that were measured since all were dropped

	owners map[string]*owner
	asking map[string]*owner // those that ask for something
	asks   map[string]*ask   // by run
	slots  map[string]*slot
	bounds Bounds

	promises  []Promise                    // of the last plan
	occupants func(node string) []Occupant // nil: nothing is promised

	plans uint64    // number of the newest plan; the first is 2, and nothing was judged by the one before
	made  []Promise // by the newest plan
	left  []left    // by the newest plan, in the order of its decisions
}

// Bounds stand over all applications.
type Bounds struct {
	// AccountCPU is how many thousandths of a vCPU all slots of the account may hold, AccountUsed how many they do.
	// Zero: no quota.
	AccountCPU, AccountUsed int64
	// MaxWorkers bounds the workers of one plan, drivers included; what does not fit in it waits for the next plan.
	// Zero: no bound. The one exception is a run whose Minimum alone is larger: it gets a plan of its own.
	MaxWorkers int
	// Now is when the plan is made, in nanoseconds since 1970. Zero: nothing is promised.
	Now int64
	// Patience is how many nanoseconds a request waits for room before nodes are promised to it.
	Patience int64
	// Yields is the lowest priority to which anything on a node yields. Zero: nothing does.
	Yields uint32
	// Look says that the plan is to look for what can be promised, which costs more than all else.
	Look bool
	// Turn is the number of such a plan: another one at each, since a plan looks for a few only.
	Turn uint64
}

// NewCluster returns a cluster without anything.
func NewCluster() *Cluster {
	return &Cluster{
		nodes:  map[string]*node{},
		inZone: map[string]int{},
		pools:  map[class]*pool{},
		shapes: map[shapeKey]*shape{},
		owners: map[string]*owner{},
		asking: map[string]*owner{},
		asks:   map[string]*ask{},
		slots:  map[string]*slot{},
		plans:  1,
	}
}

// NewClusterOf returns a cluster with all that an input has.
func NewClusterOf(in Input) *Cluster {
	c := NewCluster()
	c.SetBounds(in.Bounds)
	for _, n := range in.Nodes {
		c.SetNode(n)
	}
	for _, a := range in.Applications {
		c.SetApplication(a)
	}
	for _, s := range in.Slots {
		c.SetSlot(s)
	}
	for _, r := range in.Waiting {
		c.SetRequest(r)
	}
	for _, g := range in.Growing {
		c.SetGrowth(g)
	}
	c.SetPromises(in.Promises)
	c.SetOccupants(in.Occupants)
	return c
}

// SetOccupants says who tells what is on a node; nil: nobody.
func (c *Cluster) SetOccupants(tell func(node string) []Occupant) { c.occupants = tell }

// SetBounds says what stands over all applications.
func (c *Cluster) SetBounds(b Bounds) { c.bounds = b }

// Idle says whether there is nothing to plan.
func (c *Cluster) Idle() bool { return len(c.asking) == 0 }

// settle makes the indexes agree with what is free.
func (c *Cluster) settle() {
	mean := meanOf(c.total, int64(len(c.nodes)))
	if mean != c.mean || len(c.zones) != len(c.inZone) || !c.hasZones() {
		c.mean = mean
		c.reorder()
	}
	for _, n := range c.touched {
		n.touched = false
		switch {
		case c.nodes[n.ID] != n: // it has left
		case !n.placed:
			c.place(n)
		default:
			c.move(n, n.room())
		}
	}
	clear(c.touched)
	c.touched = c.touched[:0]
	if c.measured != c.members {
		c.forgetShapes()
		c.measured = c.members
	}
}

// hasZones says whether every zone has nodes.
func (c *Cluster) hasZones() bool {
	return !slices.ContainsFunc(c.zones, func(zone string) bool { return c.inZone[zone] == 0 })
}

// reorder begins anew with the order of nodes: their bulk or the numbers of their zones have changed. The pools are
// made again when they are asked for.
func (c *Cluster) reorder() {
	c.zones = slices.Sorted(maps.Keys(c.inZone))
	clear(c.pools)
	c.forgetShapes()
	for _, n := range c.nodes {
		n.indexes = n.indexes[:0]
		c.place(n)
	}
}

// zoneOf returns the number of a zone that a node is in.
func (c *Cluster) zoneOf(name string) int {
	zone, _ := slices.BinarySearch(c.zones, name)
	return zone
}

func meanOf(total resource.Vector, count int64) resource.Vector {
	count = max(count, 1)
	return resource.Vector{
		MilliCPU:  max(total.MilliCPU/count, 1),
		MemoryMiB: max(total.MemoryMiB/count, 1),
		DiskMiB:   max(total.DiskMiB/count, 1),
	}
}

// bulk compares amounts by one number: the sum of their parts, each in millionths of what an average node has. An
// amount that fits in another has no larger bulk.
func (c *Cluster) bulk(v resource.Vector) int64 {
	return millionths(v.MilliCPU, c.mean.MilliCPU) +
		millionths(v.MemoryMiB, c.mean.MemoryMiB) +
		millionths(v.DiskMiB, c.mean.DiskMiB)
}

// millionths returns an amount as a part of the mean, which is above 0. All amounts far beyond the mean give the same
// number, so that three of them can be added.
func millionths(amount, mean int64) int64 {
	const million = 1_000_000
	const largest = math.MaxInt64 / 4
	if amount < 0 {
		return -millionths(max(-amount, 0), mean)
	}
	high, low := bits.Mul64(uint64(amount), million)
	if high >= uint64(mean) {
		return largest
	}
	parts, _ := bits.Div64(high, low, uint64(mean))
	return int64(min(parts, largest))
}
