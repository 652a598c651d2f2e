package scheduler

import (
	"cmp"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/resource"
)

// Eviction asks for the room of occupants that yield to a request, which then fits in a zone whole.
type Eviction struct {
	Run     string
	Attempt uint32
	Zone    string
	IDs     []string // of occupants, by node and in the order in which they yield
}

// keepEvicted is how many nanoseconds the room that was made for a request is kept for it at most.
const keepEvicted = int64(5 * time.Minute)

// evict looks for room that others have to yield to the oldest of a line, in the zone where these are fewest. The room
// is promised to it, so that nobody of its priority takes it meanwhile.
func (p *planner) evict(l *line) {
	s, count := p.wantedBy(l)
	if s == nil || l.owner.misses() { // its application's slots would come first
		return
	}
	if p.limited(l.owner.application, s.least(count)) != nil { // it needs room only beside its slots
		return
	}
	var best *yielding
	for zone := range p.cluster.zones {
		if !p.mayEvict(l, zone) {
			continue
		}
		found := p.yieldingIn(s, zone, count, l.key.priority)
		if found != nil && (best == nil || len(found.ids) < len(best.ids)) {
			best = found
		}
	}
	if best == nil {
		return
	}
	p.plan.Evictions = append(p.plan.Evictions, Eviction{
		Run:     l.verdict.first.run,
		Attempt: l.verdict.first.attempt,
		Zone:    p.cluster.zones[best.zone],
		IDs:     best.ids,
	})
	p.makePromise(l, best.zone, p.cluster.bounds.Now+keepEvicted, best.nodes)
}

// mayEvict says whether others may yield room of a zone to a line in this plan: nobody else did, and what is promised
// there is promised to itself or to a lower priority.
func (p *planner) mayEvict(l *line, zone int) bool {
	name := p.cluster.zones[zone]
	return !slices.ContainsFunc(p.plan.Evictions, func(e Eviction) bool { return e.Zone == name }) &&
		!slices.ContainsFunc(p.kept, func(made *promise) bool {
			return made.zone == zone && made.line != l && made.line.key.priority >= l.key.priority
		})
}

// yielding is what has to yield in a zone, and the nodes where a request fits then.
type yielding struct {
	zone  int
	ids   []string
	nodes []keeping
}

// yieldingIn finds those that yield to a priority, and have to so that a driver and so many workers fit in a zone: the
// lowest first, no more than are needed on the nodes where these would be. It is nil if it would not help.
func (p *planner) yieldingIn(s *shape, zone int, count int64, priority uint32) *yielding {
	g := *p.groundOf(s, zone)
	g.goers = slices.DeleteFunc(slices.Clone(g.yielders), func(y goer) bool { return y.Yields > priority })
	e := &emptying{ground: &g, shape: s, zone: zone, count: count}
	if len(g.goers) == 0 || !e.shortest() || e.gone == 0 {
		return nil
	}
	found := &yielding{zone: zone, nodes: e.arrange()}
	for _, k := range found.nodes {
		for _, y := range e.needed(k) {
			found.ids = append(found.ids, y.ID)
		}
	}
	return found
}

// needed returns those that have to go from one node, of those that may: none that the others make room without.
func (e *emptying) needed(k keeping) (those []goer) {
	at := e.at[k.node]
	for _, y := range e.goers[:e.gone] {
		if y.at == at {
			those = append(those, y)
		}
	}
	for i := len(those) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(those), i, i+1)
		if e.after(at, without).Holds(k.room.Vector, k.room.Slots) {
			those = without
		}
	}
	return those
}

// after is what is free on a node when some have gone.
func (e *emptying) after(at int, gone []goer) resource.Room {
	room := e.free[at]
	for _, g := range gone {
		room = room.Without(negated(g.Size), -g.slots)
	}
	return room
}

// yielders returns what yields on the nodes of a ground, without the slots that this plan uses: the lowest first, so
// that the beginning of the list is what yields to a lower priority as well.
func (p *planner) yielders(g *ground) (all []goer) {
	for i, n := range g.nodes {
		for _, o := range p.occupantsOf(n) {
			if o.Yields > 0 && !p.given[o.ID] {
				all = append(all, goer{o, i, 1})
			}
		}
	}
	slices.SortFunc(all, func(x, y goer) int {
		return cmp.Or(
			cmp.Compare(x.Yields, y.Yields),
			cmp.Compare(g.nodes[x.at].ID, g.nodes[y.at].ID),
			cmp.Compare(x.ID, y.ID),
		)
	})
	return all
}
