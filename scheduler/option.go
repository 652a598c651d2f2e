package scheduler

import (
	"cmp"
	"iter"
	"slices"
)

// option is a zone for a request.
type option struct {
	zone  int
	slots *fit  // what free slots would give; nil: the application has none
	count int64 // workers that would start there
	given int64 // workers that get slots, the driver included; -1 for the avoided zone
}

// options orders the zones: first those whose free slots can give the most of the set, then those with the least room
// left, ties by name. The avoided zone comes last.
func (p *planner) options(a *application, r *Request, s *shape, count int64) iter.Seq[option] {
	if a.stock == nil {
		return p.byRoom(r, s, count)
	}
	options := make([]option, 0, len(p.cluster.zones))
	for o := range p.byRoom(r, s, count) {
		options = append(options, p.stocked(a, r, s, o))
	}
	slices.SortStableFunc(options, func(x, y option) int { return cmp.Compare(y.given, x.given) })
	return slices.Values(options)
}

// byRoom yields the zones as they are without slots. The pool has them in order, so that who needs only the first of
// many looks at no other.
func (p *planner) byRoom(r *Request, s *shape, count int64) iter.Seq[option] {
	return func(yield func(option) bool) {
		avoided := -1
		for _, x := range s.worker.pool.order {
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
	f := &fit{zone: zone, slots: s.pick(zone, r.WorkerRole, r.Worker, count, r.Needs.Avoid, r.AvoidNode)}
	if picked := s.pick(zone, r.DriverRole, r.Driver, 1, r.Needs.Avoid, r.AvoidNode); len(picked) > 0 {
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
