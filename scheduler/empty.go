package scheduler

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/headrace/headrace/internal/resource"
)

// ground is a zone as far as the nodes of two pools go: what is free, and what could go. A plan looks at it once.
type ground struct {
	nodes []*node
	at    map[*node]int   // position in nodes
	free  []resource.Room // by node
	goers []goer          // in the order in which they go

	yielders []goer // in the order in which they yield
}

// groundKey says which nodes there are in a ground.
type groundKey struct {
	zone           int
	driver, worker *pool
}

// goer is something that goes from a node.
type goer struct {
	Occupant
	at    int // the position of its node
	slots int64
}

// emptying is a ground from which things go, one after another, until a request fits there whole.
type emptying struct {
	*ground
	shape  *shape
	zone   int
	count  int64           // workers beside the driver
	gone   int             // so many of the goers have gone, in room
	room   []resource.Room // what is free then, by node
	driver int             // where the driver costs the fewest workers then; -1: it fits nowhere
}

// shortest lets as few go as it takes for the request to fit, from the first on. It says whether there is such a
// number.
func (e *emptying) shortest() bool {
	if !e.fitsAfter(len(e.goers)) {
		return false
	}
	return e.fitsAfter(sort.Search(len(e.goers), e.fitsAfter))
}

// fitsAfter lets so many go and says whether the request fits then. What has gone only makes room, so it fits after
// more as well.
func (e *emptying) fitsAfter(gone int) bool {
	e.gone = gone
	e.room = append(e.room[:0], e.free...)
	for i := range e.goers[:gone] {
		g := &e.goers[i]
		e.room[g.at] = e.room[g.at].Without(negated(g.Size), -g.slots)
	}
	return e.fits()
}

// fits finds the node where the driver costs the fewest workers, and says whether the others have room beside it.
func (e *emptying) fits() bool {
	workers := int64(0)
	least := int64(math.MaxInt64)
	e.driver = -1
	for i, n := range e.nodes {
		alone := e.workersOn(i, e.room[i])
		workers += alone
		if !e.takesDriver(i) {
			continue
		}
		loss := alone - e.workersOn(i, e.room[i].Without(e.shape.driver.size, 1))
		if loss < least || loss == least && n.ID < e.nodes[e.driver].ID {
			least = loss
			e.driver = i
		}
	}
	return e.driver >= 0 && workers-least >= e.count
}

// workersOn counts the workers that a node holds in room.
func (e *emptying) workersOn(i int, room resource.Room) int64 {
	if !e.shape.mayUse(e.nodes[i]) {
		return 0
	}
	return e.shape.worker.on(e.nodes[i], room)
}

func (e *emptying) takesDriver(i int) bool {
	n := e.nodes[i]
	return n.in(e.shape.driver.pool.zones[e.zone]) && e.shape.mayUse(n) && e.room[i].Holds(e.shape.driver.size, 1)
}

// arrange returns where the request would be: the driver where it costs least, and the others on as few nodes as hold
// them.
func (e *emptying) arrange() (nodes []keeping) {
	beside := e.room[e.driver].Without(e.shape.driver.size, 1)
	nodes = []keeping{{node: e.nodes[e.driver], room: resource.Room{Vector: e.shape.driver.size, Slots: 1}}}
	left := e.count - e.add(&nodes[0], e.workersOn(e.driver, beside), e.count)
	for _, i := range e.byWorkers() {
		if left == 0 {
			break
		}
		if i != e.driver {
			k := keeping{node: e.nodes[i]}
			left -= e.add(&k, e.workersOn(i, e.room[i]), left)
			nodes = append(nodes, k)
		}
	}
	slices.SortFunc(nodes, func(x, y keeping) int { return cmp.Compare(x.node.ID, y.node.ID) })
	return nodes
}

// add puts as many workers on a node as it holds and are left, and returns how many.
func (e *emptying) add(k *keeping, holds, left int64) int64 {
	count := min(holds, left)
	k.room = k.room.Without(negated(e.shape.worker.size.Times(count)), -count)
	return count
}

// byWorkers returns the nodes that hold workers, those with the most first, ties by id.
func (e *emptying) byWorkers() (all []int) {
	counts := make([]int64, len(e.nodes))
	for i := range e.nodes {
		if counts[i] = e.workersOn(i, e.room[i]); counts[i] > 0 {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(i, j int) int {
		return cmp.Or(cmp.Compare(counts[j], counts[i]), cmp.Compare(e.nodes[i].ID, e.nodes[j].ID))
	})
	return all
}

// groundOf looks at a zone: at what is free on the nodes that serve a shape's requests, also at what is kept there, and
// at what goes from them.
func (p *planner) groundOf(s *shape, zone int) *ground {
	key := groundKey{zone, s.driver.pool, s.worker.pool}
	if p.grounds[key] == nil {
		if p.grounds == nil {
			p.grounds = map[groundKey]*ground{}
		}
		p.grounds[key] = p.newGround(key)
	}
	return p.grounds[key]
}

func (p *planner) newGround(key groundKey) *ground {
	g := &ground{at: map[*node]int{}}
	for _, x := range []*index{key.driver.zones[key.zone], key.worker.zones[key.zone]} {
		for n := range x.all() {
			if _, seen := g.at[n]; !seen {
				g.at[n] = len(g.nodes)
				g.nodes = append(g.nodes, n)
				g.free = append(g.free, n.free)
			}
		}
	}
	p.unkeep(g, key.zone)
	g.goers = p.goers(g)
	g.yielders = p.yielders(g)
	return g
}

// unkeep counts what is kept for promises in the zone as free.
func (p *planner) unkeep(g *ground, zone int) {
	for _, made := range p.kept {
		if made.zone != zone {
			continue
		}
		for _, k := range made.nodes {
			if i, there := g.at[k.node]; there {
				g.free[i] = g.free[i].Without(negated(k.kept.Vector), -k.kept.Slots)
			}
		}
	}
}

// occupantsOf returns what is on a node. A plan asks once, however many classes of nodes it looks at.
func (p *planner) occupantsOf(n *node) []Occupant {
	all, asked := p.occupants[n]
	if !asked {
		all = p.cluster.occupants(n.ID)
		p.occupants[n] = all
	}
	return all
}

// goers returns what goes from the nodes of a ground, in the order of time: what runs there, and what this plan places
// there.
func (p *planner) goers(g *ground) (all []goer) {
	for i, n := range g.nodes {
		for _, o := range p.occupantsOf(n) {
			if o.Ends > 0 {
				all = append(all, goer{o, i, 1})
			}
		}
	}
	for _, t := range p.taken {
		if i, there := g.at[t.node]; there {
			all = append(all, goer{t.Occupant, i, t.slots})
		}
	}
	slices.SortStableFunc(all, func(x, y goer) int {
		return cmp.Or(
			cmp.Compare(x.Ends, y.Ends),
			cmp.Compare(g.nodes[x.at].ID, g.nodes[y.at].ID),
			cmp.Compare(x.ID, y.ID),
		)
	})
	return all
}
