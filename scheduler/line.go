package scheduler

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"github.com/headrace/headrace/internal/resource"
)

// line is what runs of one application ask for that differ in nothing but their age, oldest first. While a plan is made
// room only shrinks, limits only fill up, and a search is exact. So once the oldest finds no place, no younger one of
// the line does, and a plan looks at none of them: what it answers to the oldest holds for all.
type line struct {
	key     lineKey
	owner   *owner
	request *Request // what all of them ask for, but for run, attempt and age; nil: they grow
	growth  *Growth  // the same, but also for the count; nil: they wait
	asks    *btree.BTreeG[*ask]

	judged  uint64 // the newest plan that left some of it waiting
	verdict verdict
}

// lineKey is what the requests, or the growth, of one line have in common.
type lineKey struct {
	shapeKey
	priority         uint32
	grows            bool
	initial, minimum uint32
	longest          int64
	zone             string // of growth; the avoided one of a request
	avoidNode        string
}

// ask is what one run asks for.
type ask struct {
	line      *line
	run       string
	attempt   uint32
	submitted int64
	since     int64  // when it began to wait for room
	ends      int64  // when it has surely ended, if it grows
	count     uint32 // workers, if it grows
}

// shapeKey is what makes the shapes of two requests the same.
type shapeKey struct {
	driver, worker         resource.Size
	driverRole, workerRole Role
	release, architecture  string
	cached                 bool
	avoid                  string
	nodes                  string // what is said of their labels
}

// byAge puts the older of two runs first; those of one moment are in the order of their names.
func byAge(x, y *ask) int {
	return cmp.Or(cmp.Compare(x.submitted, y.submitted), cmp.Compare(x.run, y.run))
}

// SetRequest adds what a waiting run asks for, or changes it. What the run asked for before no longer counts.
func (c *Cluster) SetRequest(r Request) {
	r.Needs = r.Needs.inOrder()
	key := lineKey{
		shapeKey:  r.Needs.keyOf(r.Worker, r.WorkerRole),
		priority:  r.Priority,
		initial:   r.Initial,
		minimum:   r.Minimum,
		longest:   r.Longest,
		zone:      r.AvoidZone,
		avoidNode: r.AvoidNode,
	}
	key.driver = r.Driver
	key.driverRole = r.DriverRole
	l := c.queue(r.Application, key, ask{run: r.Run, attempt: r.Attempt, submitted: r.Submitted, since: r.Since})
	if l.request == nil {
		r.Run, r.Attempt, r.Submitted, r.Since = "", 0, 0, 0
		l.request = &r
	}
}

// SetGrowth adds what a growing run asks for, or changes it. What the run asked for before no longer counts.
func (c *Cluster) SetGrowth(g Growth) {
	g.Needs = g.Needs.inOrder()
	key := lineKey{
		shapeKey: g.Needs.keyOf(g.Worker, g.WorkerRole),
		priority: g.Priority,
		grows:    true,
		zone:     g.Zone,
	}
	l := c.queue(g.Application, key, ask{
		run:       g.Run,
		attempt:   g.Attempt,
		submitted: g.Submitted,
		ends:      g.Ends,
		count:     g.Count,
	})
	if l.growth == nil {
		g.Run, g.Attempt, g.Submitted, g.Ends, g.Count = "", 0, 0, 0, 0
		l.growth = &g
	}
}

// inOrder returns the same needs with a list of its own, in which each node to avoid stands once.
func (n Needs) inOrder() Needs {
	n.Avoid = slices.Compact(slices.Sorted(slices.Values(n.Avoid))) // nil if there are none
	return n
}

// keyOf returns what workers with these needs have in common with others. Its nodes to avoid are in order.
func (n *Needs) keyOf(worker resource.Size, role Role) shapeKey {
	return shapeKey{
		worker:       worker,
		workerRole:   role,
		release:      n.Release,
		architecture: n.Architecture,
		cached:       n.ReleaseCached,
		avoid:        strings.Join(n.Avoid, "\x00"),
		nodes:        n.Nodes.String(),
	}
}

// queue puts an ask into its line, which it returns. An ask that is there already keeps its place.
func (c *Cluster) queue(application string, key lineKey, a ask) *line {
	if old := c.asks[a.run]; old != nil {
		a.line = old.line
		same := old.line.owner.ID == application && old.line.key == key && old.submitted == a.submitted
		if same {
			*old = a
			return old.line
		}
		c.RemoveAsk(a.run)
	}
	o := c.owner(application)
	a.line = o.lines[key]
	if a.line == nil {
		a.line = &line{key: key, owner: o, asks: newAsks()}
		o.lines[key] = a.line
	}
	a.line.asks.Set(&a)
	c.asks[a.run] = &a
	c.heed(o)
	return a.line
}

func newAsks() *btree.BTreeG[*ask] {
	return btree.NewBTreeGOptions(func(x, y *ask) bool { return byAge(x, y) < 0 }, btree.Options{NoLocks: true})
}

// RemoveAsk takes out what a run asks for; it may ask for nothing.
func (c *Cluster) RemoveAsk(run string) {
	a := c.asks[run]
	if a == nil {
		return
	}
	delete(c.asks, run)
	l := a.line
	l.asks.Delete(a)
	if l.asks.Len() == 0 {
		delete(l.owner.lines, l.key)
	}
	c.heed(l.owner)
}
