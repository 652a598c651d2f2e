package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/resource"
)

// TestCluster_PlansAsOneMadeAnew changes a cluster at random, as a leader does that follows the log, and plans now and
// then. Whenever it plans, its contents are those of a model, its indexes hold, and its plan is that of a cluster that
// is made anew: what an earlier plan took has left no trace.
func TestCluster_PlansAsOneMadeAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			m.change()
			if rapid.Bool().Draw(t, "plan") {
				m.compare()
			}
		}
		m.compare()
	})
}

// model is a cluster, and the same as plain maps.
type model struct {
	t            *rapid.T
	cluster      *Cluster
	nodes        map[string]Node
	applications map[string]Application
	waiting      map[string]Request
	growing      map[string]Growth
	slots        map[string]Slot
	bounds       Bounds
	promises     []Promise
	occupants    func(node string) []Occupant
	plan         Output // the newest
}

func newModel(t *rapid.T) *model {
	in := drawInput(t)
	m := &model{
		t:            t,
		cluster:      NewClusterOf(in),
		nodes:        map[string]Node{},
		applications: map[string]Application{},
		waiting:      map[string]Request{},
		growing:      map[string]Growth{},
		slots:        map[string]Slot{},
		bounds:       in.Bounds,
		occupants:    in.Occupants,
	}
	for _, n := range in.Nodes {
		m.nodes[n.ID] = n
	}
	for _, a := range in.Applications {
		m.applications[a.ID] = a
	}
	for _, r := range in.Waiting {
		m.waiting[r.Run] = r
	}
	for _, g := range in.Growing {
		m.growing[g.Run] = g
	}
	for _, s := range in.Slots {
		m.slots[s.ID] = s
	}
	return m
}

func (m *model) input() Input {
	return Input{
		Nodes:        slices.Collect(maps.Values(m.nodes)),
		Applications: slices.Collect(maps.Values(m.applications)),
		Waiting:      slices.Collect(maps.Values(m.waiting)),
		Growing:      slices.Collect(maps.Values(m.growing)),
		Slots:        slices.Collect(maps.Values(m.slots)),
		Promises:     m.promises,
		Occupants:    m.occupants,
		Bounds:       m.bounds,
	}
}

// compare plans, and holds the plan against that of a cluster made anew.
func (m *model) compare() {
	m.plan = m.cluster.Plan()
	m.plan.Waits = slices.Collect(m.cluster.Waits())
	want := describe(Plan(m.input()))
	if got := describe(m.plan); got != want {
		m.t.Fatalf("the kept cluster gives\n%s\none made anew\n%s", got, want)
	}
	kept, made := m.cluster.Input(), NewClusterOf(m.input()).Input()
	kept.Occupants, made.Occupants = nil, nil // functions cannot be compared
	got := fmt.Sprintf("%+v", kept)
	if want := fmt.Sprintf("%+v", made); got != want {
		m.t.Fatalf("the kept cluster holds\n%s\none made anew\n%s", got, want)
	}
	for _, wait := range m.plan.Waits {
		if alone, _ := m.cluster.Wait(wait.Run); wait.Run != "" && alone != wait {
			m.t.Fatalf("alone %+v, among all %+v", alone, wait)
		}
	}
	for _, p := range m.cluster.pools {
		m.checkPool(p)
	}
}

// checkDomains holds that every node is in the domain of its label, and that the domains are in order.
func checkDomains(t *rapid.T, x *index) {
	if x.domains == nil {
		return
	}
	count := 0
	var last *domain
	x.domains.order.Scan(func(d *domain) bool {
		left := int64(0)
		nodes := 0
		for n := range d.all() {
			value, _ := n.labelled().Get(x.pool.class.spread)
			if value != d.value {
				t.Fatalf("node %s is in domain %q of %q", n.ID, d.value, x.pool.class.spread)
			}
			left += n.bulk
			nodes++
		}
		if left != d.left || nodes != d.nodes || x.domains.of[d.value] != d || last != nil && !byMostRoom(last, d) {
			t.Fatalf("domain %q says %d nodes with %d, and has %d with %d", d.value, d.nodes, d.left, nodes, left)
		}
		count += nodes
		last = d
		return true
	})
	if count != x.count || len(x.domains.of) != x.domains.order.Len() {
		t.Fatalf("%d domains have %d nodes of %d", len(x.domains.of), count, x.count)
	}
}

// checkPool holds that a pool has the nodes that serve its class, and that its zones are in order.
func (m *model) checkPool(p *pool) {
	count := 0
	for _, x := range p.zones {
		checkSums(m.t, x)
		if x.left != m.cluster.bulk(x.free) || p.order[x.rank] != x {
			m.t.Fatalf("zone %d has %d left at rank %d", x.zone, x.left, x.rank)
		}
		checkDomains(m.t, x)
		for n := range x.all() {
			count++
			if !p.serves(&n.Node) || m.cluster.nodes[n.ID] != n {
				m.t.Fatalf("node %s is in the pool of %+v", n.ID, p.class)
			}
		}
	}
	serving := 0
	for _, n := range m.nodes {
		if p.serves(&n) {
			serving++
		}
	}
	if count != serving || count != p.count || !slices.IsSortedFunc(p.order, byRoom) {
		m.t.Fatalf("the pool of %+v has %d nodes and says %d, %d serve", p.class, count, p.count, serving)
	}
}

// change does one thing that a record may do.
func (m *model) change() {
	switch rapid.SampledFrom([]string{
		"accept", "accept", "accept", "node", "node leaves", "usage", "application", "application goes",
		"request", "request", "growth", "growth", "ask ends", "slot", "slot", "slot goes", "bounds", "promises",
	}).Draw(m.t, "change") {
	case "accept":
		m.accept()
	case "promises": // as after a plan
		m.promises = m.plan.Promises
		m.cluster.SetPromises(m.promises)
	case "node":
		for _, n := range drawNodes(m.t, 3) {
			m.setNode(n)
		}
	case "node leaves":
		id := m.draw(slices.Sorted(maps.Keys(m.nodes)))
		delete(m.nodes, id)
		m.cluster.RemoveNode(id)
	case "usage":
		if n, ok := m.nodes[m.draw(slices.Sorted(maps.Keys(m.nodes)))]; ok {
			n.Free = n.Capacity.Sub(drawVector(m.t, 5))
			n.Held = rapid.SampledFrom([]int64{0, 1, resource.MaxSlots}).Draw(m.t, "held")
			m.setNode(n)
		}
	case "application":
		a := Application{ID: drawApplication(m.t), Weight: 1, Used: drawVector(m.t, 5), Priority: drawPriority(m.t)}
		a.Limit.MilliCPU = rapid.SampledFrom([]int64{0, 20000}).Draw(m.t, "limit")
		for role := range rapid.IntRange(0, 2).Draw(m.t, "pools") {
			count := rapid.Uint32Range(0, 5).Draw(m.t, "count")
			a.Pools = append(a.Pools, Pool{Role: Role(role + 1), Size: drawSize(m.t), Count: count})
		}
		m.applications[a.ID] = a
		m.cluster.SetApplication(a)
	case "application goes":
		id := drawApplication(m.t)
		delete(m.applications, id)
		m.cluster.RemoveApplication(id)
	default:
		m.changeAsks()
	}
}

func drawApplication(t *rapid.T) string {
	return rapid.SampledFrom([]string{"app0", "app1", "app2"}).Draw(t, "of")
}

func (m *model) draw(ids []string) string {
	return rapid.SampledFrom(append(ids, "nobody")).Draw(m.t, "id")
}

func (m *model) setNode(n Node) {
	m.nodes[n.ID] = n
	m.cluster.SetNode(n)
}

func (m *model) setSlot(s Slot) {
	m.slots[s.ID] = s
	m.cluster.SetSlot(s)
}

// end ends what a run asks for.
func (m *model) end(run string) {
	delete(m.waiting, run)
	delete(m.growing, run)
	m.cluster.RemoveAsk(run)
}

// changeAsks changes what is asked for, and which slots there are.
func (m *model) changeAsks() {
	switch rapid.SampledFrom([]string{"request", "like", "growth", "ask ends", "slot", "slot goes", "bounds"}).
		Draw(m.t, "ask") {
	case "request":
		m.request(drawRequest(m.t, fmt.Sprint("r", rapid.IntRange(0, 12).Draw(m.t, "run"))))
	case "like": // another one, so that lines are longer than one
		if r, ok := m.waiting[m.draw(slices.Sorted(maps.Keys(m.waiting)))]; ok {
			r.Run = fmt.Sprint("like", rapid.IntRange(0, 9).Draw(m.t, "run"))
			r.Submitted = rapid.Int64Range(0, 3).Draw(m.t, "at")
			m.request(r)
		}
	case "growth":
		m.grow(fmt.Sprint("r", rapid.IntRange(0, 12).Draw(m.t, "run")))
	case "ask ends":
		m.end(m.draw(slices.Sorted(maps.Keys(m.waiting))))
		m.end(m.draw(slices.Sorted(maps.Keys(m.growing))))
	case "slot":
		m.setSlot(Slot{
			ID:          fmt.Sprint("slot", rapid.IntRange(0, 9).Draw(m.t, "slot")),
			Application: drawApplication(m.t),
			Node:        fmt.Sprint("n", rapid.IntRange(0, 12).Draw(m.t, "on")),
			Role:        rapid.SampledFrom([]Role{driverRole, workerRole}).Draw(m.t, "role"),
			Size:        drawSize(m.t),
			Free:        rapid.Bool().Draw(m.t, "free"),
		})
	case "slot goes":
		id := m.draw(slices.Sorted(maps.Keys(m.slots)))
		delete(m.slots, id)
		m.cluster.RemoveSlot(id)
	case "bounds":
		m.bounds.MaxWorkers = rapid.IntRange(0, 30).Draw(m.t, "max-workers")
		m.bounds.Now += rapid.Int64Range(0, hour).Draw(m.t, "later")
		m.bounds.Look = rapid.Bool().Draw(m.t, "look")
		m.cluster.SetBounds(m.bounds)
	}
}

func (m *model) request(r Request) {
	delete(m.growing, r.Run)
	m.waiting[r.Run] = r
	m.cluster.SetRequest(r)
}

func (m *model) grow(run string) {
	delete(m.waiting, run)
	like := drawRequest(m.t, run)
	g := Growth{
		Run:         run,
		Application: like.Application,
		Priority:    like.Priority,
		Submitted:   like.Submitted,
		Zone:        drawZone(m.t),
		Worker:      like.Worker,
		WorkerRole:  workerRole,
		Needs:       like.Needs,
		Count:       rapid.Uint32Range(1, 9).Draw(m.t, "count"),
	}
	m.growing[run] = g
	m.cluster.SetGrowth(g)
}

// accept makes a placement of the newest plan true, as the log does when the door takes it: mostly nothing of it has
// changed meanwhile, and then nothing has to move.
func (m *model) accept() {
	for _, p := range m.plan.Placements {
		r, ok := m.waiting[p.Run]
		if !ok || m.nodes[p.Driver].ID == "" {
			continue
		}
		m.hold(p.Driver, r.Driver, 1)
		for _, s := range p.Shares {
			m.hold(s.Node, r.Worker, int64(s.Count))
		}
		for _, id := range append(slices.Clone(p.Slots), p.DriverSlot) {
			if s, ok := m.slots[id]; ok {
				s.Free = false
				m.setSlot(s)
			}
		}
		m.end(p.Run)
	}
	m.plan = Output{Promises: m.plan.Promises}
}

// hold takes what slots hold of a node, if it is there.
func (m *model) hold(node string, size resource.Size, count int64) {
	if n, ok := m.nodes[node]; ok {
		n.Free = n.Free.Sub(size.Times(count))
		n.Held += count
		m.setNode(n)
	}
}

// TestCluster_ForgetsWhatNobodyAsksForAnyMore asks for more classes of needs than indexes are kept for, in which it
// plans as one made anew, and takes everything out again.
func TestCluster_ForgetsWhatNobodyAsksForAnyMore(t *testing.T) {
	size := resource.Size{Vector: resource.Vector{MilliCPU: 1000, MemoryMiB: 1024, DiskMiB: 1024}}
	releases := map[string]bool{}
	in := Input{Applications: []Application{{ID: "app"}}}
	for i := range maxPools + 10 {
		label := fmt.Sprintf("release-%03d", i)
		releases[label] = true
		in.Waiting = append(in.Waiting, Request{Run: label, Application: "app", Driver: size, Needs: Needs{Release: label}})
	}
	in.Nodes = []Node{{ID: "n", Zone: "a", Capacity: size.Times(40), Free: size.Times(40), Releases: releases}}
	in.Slots = []Slot{{ID: "s", Application: "app", Node: "n", Role: driverRole, Size: size}}
	c := NewClusterOf(in)
	want := describe(Plan(in))
	for range 3 {
		out := c.Plan()
		out.Waits = slices.Collect(c.Waits())
		if got := describe(out); got != want || len(c.pools) > maxPools || len(c.nodes["n"].indexes) > maxPools {
			t.Fatalf("with %d pools the plan is\n%s\nnot\n%s", len(c.pools), got, want)
		}
	}
	for _, r := range in.Waiting {
		c.RemoveAsk(r.Run)
	}
	c.RemoveSlot("s")
	c.RemoveApplication("app")
	c.RemoveNode("n")
	c.Plan()
	if left := len(c.nodes) + len(c.inZone) + len(c.owners) + len(c.asking) + len(c.asks) + len(c.slots); left != 0 {
		t.Errorf("%d things are left of nothing", left)
	}
	if !c.total.IsZero() || !c.Idle() || len(c.pools) != 0 || len(c.shapes) != 0 {
		t.Errorf("an empty cluster offers %s, with %d pools and %d shapes", c.total, len(c.pools), len(c.shapes))
	}
}

// TestCluster_SaysNothingBeforeItHasPlanned asks why something waits before there was a plan.
func TestCluster_SaysNothingBeforeItHasPlanned(t *testing.T) {
	size := resource.Size{Vector: resource.Vector{MilliCPU: 1000}}
	c := NewClusterOf(Input{
		Applications: []Application{{ID: "app", Pools: []Pool{{Size: size, Count: 1}}}},
		Waiting:      []Request{{Run: "run", Application: "app", Driver: size}},
	})
	if wait, ok := c.Wait("run"); ok {
		t.Errorf("the run waits for %+v", wait)
	}
	if wait, ok := c.PoolWait("app"); ok {
		t.Errorf("the slots wait for %+v", wait)
	}
	if waits := slices.Collect(c.Waits()); len(waits) != 0 {
		t.Errorf("without a plan %+v wait", waits)
	}
}

// TestCluster_BoundsTheShapesOfApplicationsWithSlots asks for more and more sizes of an application that has a slot.
func TestCluster_BoundsTheShapesOfApplicationsWithSlots(t *testing.T) {
	size := resource.Size{Vector: resource.Vector{MilliCPU: 1000}}
	c := NewClusterOf(Input{
		Nodes:        []Node{{ID: "n", Zone: "a", Capacity: size.Vector, Held: resource.MaxSlots}},
		Applications: []Application{{ID: "app", Weight: 1}},
		Slots:        []Slot{{ID: "s", Application: "app", Node: "n", Role: workerRole, Size: size}},
	})
	const each = 1000
	for n := range 3 * maxShapes {
		r := Request{Run: fmt.Sprint("r", n%each), Application: "app", Driver: size}
		r.Driver.MemoryMiB = int64(n)
		c.SetRequest(r)
		if n%each != each-1 {
			continue
		}
		c.Plan()
		if kept := len(c.shapes) + len(c.owners["app"].stock.shapes); kept > maxShapes {
			t.Fatalf("after %d sizes %d shapes are kept", n+1, kept)
		}
	}
}
