package scheduler

import (
	"cmp"
	"iter"
	"slices"

	"github.com/headrace/headrace/internal/label"
)

// option is a zone for a request.
type option struct {
	zone  int
	slots *fit  // what free slots would give; nil: the application has none
	count int64 // workers that would start there
	given int64 // workers that get slots, the driver included; -1 for the avoided zone
	tier  int   // of nodes, as demands count them
}

// options orders the zones: first those whose free slots can give the most of the set, then those with the least room
// left, ties by name. The avoided zone comes last. Where slots make no difference, all zones are tried with the nodes
// that are preferred before any is with others.
func (p *planner) options(a *application, r *Request, s *shape, count int64) iter.Seq[option] {
	options := p.byRoom(r, s, count)
	if a.stock != nil {
		options = p.bySlots(a, r, s, count)
	}
	if len(s.tiers) > 1 {
		return s.byTier(options)
	}
	return options
}

// byTier repeats options that are alike for each tier of nodes. After the first tier, zones come first that have more
// room on the nodes of the tier before: there a part of the set is on these.
func (s *shape) byTier(options iter.Seq[option]) iter.Seq[option] {
	return func(yield func(option) bool) {
		for all := slices.Collect(options); len(all) > 0; {
			alike := 1
			for alike < len(all) && all[alike].given == all[0].given {
				alike++
			}
			for tier := range s.tiers {
				if tier > 0 {
					zones := s.tiers[tier-1].worker.pool.zones
					slices.SortStableFunc(all[:alike], func(x, y option) int {
						return cmp.Compare(zones[y.zone].left, zones[x.zone].left)
					})
				}
				for _, o := range all[:alike] {
					if o.tier = tier; !yield(o) {
						return
					}
				}
			}
			all = all[alike:]
		}
	}
}

// bySlots orders the zones of an application with slots.
func (p *planner) bySlots(a *application, r *Request, s *shape, count int64) iter.Seq[option] {
	options := make([]option, 0, len(p.cluster.zones))
	for o := range p.byRoom(r, s, count) {
		options = append(options, p.stocked(a, r, s, o))
	}
	slices.SortStableFunc(options, func(x, y option) int { return cmp.Compare(y.given, x.given) })
	return slices.Values(options)
}

// byRoom yields the zones as they are without slots. The pool has them in order, so that who needs only the first of
// many looks at no other. Runs that are spread over zones begin in the one with the most room.
func (p *planner) byRoom(r *Request, s *shape, count int64) iter.Seq[option] {
	return func(yield func(option) bool) {
		avoided := -1
		order := s.worker.pool.order
		most := r.Needs.Nodes.Spread() == label.Zone
		for i, x := range order {
			if most {
				x = order[len(order)-1-i]
			}
			if p.cluster.zones[x.zone] == r.AvoidZone {
				avoided = x.zone
			} else if !yield(option{zone: x.zone, count: count}) {
				return
			}
		}
		if avoided >= 0 {
			yield(option{zone: avoided, count: count, given: -1})
		}
	}
}

// stocked adds to an option what slots would give of it.
func (p *planner) stocked(a *application, r *Request, s *shape, o option) option {
	o.count = p.startsIn(a, r, s, o.zone, o.count)
	o.slots = a.stock.fit(r, o.zone, o.count)
	if o.given == 0 {
		o.given = o.slots.given()
	}
	return o
}

// fit picks free slots of a zone for the driver and at most count workers.
func (s *stock) fit(r *Request, zone int, count int64) *fit {
	f := &fit{zone: zone, slots: s.pick(zone, r.WorkerRole, r.Worker, count, &r.Needs, r.AvoidNode)}
	if picked := s.pick(zone, r.DriverRole, r.Driver, 1, &r.Needs, r.AvoidNode); len(picked) > 0 {
		f.driverSlot = picked[0]
	}
	return f
}

// given counts the workers that have slots, the driver included.
func (f *fit) given() int64 {
	n := int64(len(f.slots))
	if f.driverSlot != nil {
		n++
	}
	return n
}

// workers counts all that are placed, the driver included.
func (f *fit) workers() int64 {
	return 1 + int64(len(f.slots)) + total(f.shares)
}
