package scheduler

import (
	"cmp"
	"math"
	"slices"
)

// option is a zone for a request.
type option struct {
	zone  int
	slots *fit  // what free slots would give; nil: the application has none
	count int64 // workers that would start there
	left  int64 // bulk of what is free in the zone; the avoided zone counts as the one with the most
	given int64 // workers that get slots, the driver included; -1 for the avoided zone
}

// options orders the zones: first those whose free slots can give the most of the set, then those with the least room
// left, ties by name. The avoided zone comes last.
func (p *planner) options(a *application, r *Request, s *shape, count int64) []option {
	options := make([]option, len(p.cluster.zones))
	for zone := range options {
		options[zone] = p.option(a, r, s, zone, count)
	}
	slices.SortFunc(options, func(x, y option) int {
		return cmp.Or(cmp.Compare(y.given, x.given), cmp.Compare(x.left, y.left), cmp.Compare(x.zone, y.zone))
	})
	return options
}

// option looks at one zone for a request that wants count workers.
func (p *planner) option(a *application, r *Request, s *shape, zone int, count int64) option {
	o := option{
		zone:  zone,
		count: count,
		left:  p.cluster.bulk(s.worker.pool.zones[zone].free),
	}
	if a.stock != nil {
		o.count = p.startsIn(a, r, s, zone, count)
		o.slots = a.stock.fit(r, zone, o.count)
		o.given = o.slots.given()
	}
	if p.cluster.zones[zone] == r.AvoidZone {
		o.left = math.MaxInt64
		o.given = -1
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
