package scheduler

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"slices"
)

// Input returns what a plan of the cluster depends on, each list by id: Plan of it gives the same plan. Applications
// that ask for nothing are left out with their slots, and so are the nodes if none asks for anything.
func (c *Cluster) Input() (in Input) {
	in.Bounds = c.bounds
	in.Promises = c.promises
	in.Occupants = c.occupants
	for _, o := range c.asking {
		if o.known {
			in.Applications = append(in.Applications, o.Application)
		}
		for _, s := range o.stock.slots {
			in.Slots = append(in.Slots, s.Slot)
		}
		for _, l := range o.lines {
			l.asks.Scan(func(a *ask) bool {
				in.add(a)
				return true
			})
		}
	}
	if !c.Idle() {
		for _, n := range c.nodes {
			in.Nodes = append(in.Nodes, n.Node)
		}
	}
	in.sort()
	return in
}

// Of returns what the cluster has by an id, whether it is that of a node, an application, a slot or a run. Who keeps a
// cluster compares this with what was made anew.
func (c *Cluster) Of(id string) (in Input) {
	if n := c.nodes[id]; n != nil {
		in.Nodes = []Node{n.Node}
	}
	if o := c.owners[id]; o != nil && o.known {
		in.Applications = []Application{o.Application}
	}
	if s := c.slots[id]; s != nil {
		in.Slots = []Slot{s.Slot}
	}
	if a := c.asks[id]; a != nil {
		in.add(a)
	}
	return in
}

// IDs yields the ids of all that the cluster has, in no order.
func (c *Cluster) IDs() iter.Seq[string] {
	return func(yield func(string) bool) {
		_ = each(c.nodes, yield) && each(c.owners, yield) && each(c.slots, yield) && each(c.asks, yield)
	}
}

func each[V any](m map[string]V, yield func(string) bool) bool {
	for id := range m {
		if !yield(id) {
			return false
		}
	}
	return true
}

// Bounds returns what stands over all applications.
func (c *Cluster) Bounds() Bounds { return c.bounds }

// add adds what one run asks for.
func (in *Input) add(a *ask) {
	if g := a.line.growth; g != nil {
		growth := *g
		growth.Run = a.run
		growth.Attempt = a.attempt
		growth.Submitted = a.submitted
		growth.Ends = a.ends
		growth.Count = a.count
		in.Growing = append(in.Growing, growth)
		return
	}
	request := *a.line.request
	request.Run = a.run
	request.Attempt = a.attempt
	request.Submitted = a.submitted
	request.Since = a.since
	in.Waiting = append(in.Waiting, request)
}

// Differs says in what an input differs first from another one, each in order; empty: in nothing.
func (in *Input) Differs(other *Input) string {
	bounds := ""
	if in.Bounds != other.Bounds {
		bounds = fmt.Sprintf("bounds %+v, not %+v", in.Bounds, other.Bounds)
	}
	return cmp.Or(
		bounds,
		difference("nodes", in.Nodes, other.Nodes),
		difference("applications", in.Applications, other.Applications),
		difference("slots", in.Slots, other.Slots),
		difference("requests", in.Waiting, other.Waiting),
		difference("growth", in.Growing, other.Growing),
		difference("promises", in.Promises, other.Promises),
	)
}

// difference says in what two lists differ first.
func difference[E any](what string, list, other []E) string {
	for i := range min(len(list), len(other)) {
		if !reflect.DeepEqual(list[i], other[i]) {
			return fmt.Sprintf("%s: %+v, not %+v", what, list[i], other[i])
		}
	}
	if len(list) != len(other) {
		return fmt.Sprintf("%d %s, not %d", len(list), what, len(other))
	}
	return ""
}

func (in *Input) sort() {
	slices.SortFunc(in.Nodes, func(x, y Node) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(in.Applications, func(x, y Application) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(in.Slots, func(x, y Slot) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(in.Waiting, func(x, y Request) int { return cmp.Compare(x.Run, y.Run) })
	slices.SortFunc(in.Growing, func(x, y Growth) int { return cmp.Compare(x.Run, y.Run) })
}
