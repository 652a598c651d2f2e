package scheduler

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// TestPlan_IsAlwaysLegal checks a plan against its input by replaying it: no node and no limit is passed, one zone per
// placement, whole initial sets, no node that refused or does not serve, and each request is either placed whole or
// waits.
func TestPlan_IsAlwaysLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		out := Plan(in)
		newReplay(t, in).run(out)
		in.Promises = out.Promises
		in.Now += rapid.Int64Range(0, 2*hour).Draw(t, "later")
		newReplay(t, in).run(Plan(in))
	})
}

func TestPlan_DoesNotDependOnTheOrderOfItsInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		want := describe(Plan(in))
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		r.Shuffle(len(in.Nodes), func(i, j int) { in.Nodes[i], in.Nodes[j] = in.Nodes[j], in.Nodes[i] })
		r.Shuffle(len(in.Applications), func(i, j int) {
			in.Applications[i], in.Applications[j] = in.Applications[j], in.Applications[i]
		})
		r.Shuffle(len(in.Waiting), func(i, j int) { in.Waiting[i], in.Waiting[j] = in.Waiting[j], in.Waiting[i] })
		for _, a := range in.Applications {
			r.Shuffle(len(a.Pools), func(i, j int) { a.Pools[i], a.Pools[j] = a.Pools[j], a.Pools[i] })
		}
		r.Shuffle(len(in.Slots), func(i, j int) { in.Slots[i], in.Slots[j] = in.Slots[j], in.Slots[i] })
		r.Shuffle(len(in.Growing), func(i, j int) { in.Growing[i], in.Growing[j] = in.Growing[j], in.Growing[i] })
		if got := describe(Plan(in)); got != want {
			t.Fatalf("shuffled input gives\n%s\ninstead of\n%s", got, want)
		}
	})
}

// TestPlan_FindsAPlaceForALoneRequestIfThereIsOne compares with a search that tries every node for every worker. A lone
// request with its minimum equal to its initial set leaves the planner no choice of how many.
func TestPlan_FindsAPlaceForALoneRequestIfThereIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Nodes: drawNodes(t, 4)}
		r := drawRequest(t, "r1")
		r.Initial = rapid.Uint32Range(0, 4).Draw(t, "initial")
		r.Minimum = r.Initial
		in.Waiting = []Request{r}
		if got, want := len(Plan(in).Placements) == 1, existsPlacement(in.Nodes, &r); got != want {
			t.Fatalf("placed %t, a placement exists %t: %+v\n%s", got, want, in, describe(Plan(in)))
		}
	})
}

func existsPlacement(nodes []Node, r *Request) bool {
	for i := range nodes {
		n := &nodes[i]
		if !serves(n, &r.Needs, r.Driver) || !r.Driver.FitsIn(n.Free) || n.Held >= resource.MaxSlots {
			continue
		}
		n.Free = n.Free.Sub(r.Driver.Vector)
		n.Held = n.Held + 1
		found := existsRoom(nodes, r, n.Zone, int(r.Initial))
		n.Free = n.Free.Add(r.Driver.Vector)
		n.Held = n.Held - 1
		if found {
			return true
		}
	}
	return false
}

func existsRoom(nodes []Node, r *Request, zone string, count int) bool {
	for i := range nodes {
		n := &nodes[i]
		if count == 0 || n.Zone != zone || !serves(n, &r.Needs, r.Worker) || !r.Worker.FitsIn(n.Free) ||
			n.Held >= resource.MaxSlots {
			continue
		}
		n.Free = n.Free.Sub(r.Worker.Vector)
		n.Held = n.Held + 1
		found := existsRoom(nodes, r, zone, count-1)
		n.Free = n.Free.Add(r.Worker.Vector)
		n.Held = n.Held - 1
		if found {
			return true
		}
	}
	return count == 0
}

// serves is the obvious reading of Needs.
func serves(n *Node, needs *Needs, size resource.Size) bool {
	return (needs.Release == "" || needs.ReleaseCached || n.Releases[needs.Release]) &&
		(needs.Architecture == "" || needs.Architecture == n.Architecture) &&
		(size.Disk != resource.DiskShuffleOptimized || n.ShuffleDisk) && lets(needs, n)
}

// lets is the obvious reading of the nodes to avoid and the constraints.
func lets(needs *Needs, n *Node) bool {
	for _, c := range needs.Nodes.Where().All() {
		if !meets(n, c.String()) {
			return false
		}
	}
	return !slices.Contains(needs.Avoid, n.ID)
}

// meets is the obvious reading of the constraints that are drawn.
func meets(n *Node, constraint string) bool {
	labels := n.Labels.Map()
	switch constraint {
	case "disk == nvme":
		return labels["disk"] == "nvme"
	case "rack != r1":
		return labels["rack"] != "r1"
	case "rack exists":
		return labels["rack"] != ""
	case "zone in (a, b)":
		return n.Zone == "a" || n.Zone == "b"
	}
	panic(constraint)
}

// drawRules says something of labels, or nothing.
func drawRules(t *rapid.T) *label.Rules {
	if rapid.IntRange(0, 2).Draw(t, "rules") > 0 {
		return nil
	}
	return label.NewRules(drawConstraints(t, "where", 1), drawConstraints(t, "prefer", 2), drawSpread(t))
}

func drawSpread(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "rack", "node", "zone"}).Draw(t, "spread")
}

func drawConstraints(t *rapid.T, what string, limit int) (all []label.Constraint) {
	for range rapid.IntRange(0, limit).Draw(t, what) {
		text := rapid.SampledFrom([]string{"disk == nvme", "rack != r1", "rack exists", "zone in (a, b)"}).Draw(t, what)
		c, err := label.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// replay applies a plan to its input and stops at the first thing that must not be.
type replay struct {
	t        *rapid.T
	nodes    map[string]*Node
	apps     map[string]*Application
	requests map[string]*Request
	growing  map[string]*Growth
	workers  int
	max      int
	slots    map[string]*Slot
	used     map[string]bool // slots
	held     int64           // thousandths of a vCPU of the account
	quota    int64
	plan     string // for messages
}

func newReplay(t *rapid.T, in Input) *replay {
	r := &replay{
		t:        t,
		nodes:    map[string]*Node{},
		apps:     map[string]*Application{},
		requests: map[string]*Request{},
		growing:  map[string]*Growth{},
		max:      in.MaxWorkers,
		slots:    map[string]*Slot{},
		used:     map[string]bool{},
		held:     in.AccountUsed,
		quota:    in.AccountCPU,
	}
	for _, s := range in.Slots {
		r.slots[s.ID] = &s
	}
	for _, n := range in.Nodes {
		r.nodes[n.ID] = &n
	}
	for _, a := range in.Applications {
		r.apps[a.ID] = &a
	}
	for i := range in.Waiting {
		r.requests[in.Waiting[i].Run] = &in.Waiting[i]
	}
	for i := range in.Growing {
		r.growing[in.Growing[i].Run] = &in.Growing[i]
	}
	return r
}

func (r *replay) run(out Output) {
	r.plan = describe(out)
	for _, reserved := range out.Reservations {
		r.reservation(reserved)
	}
	waiting := r.missingSlots()
	if !strings.Contains(r.plan, "waits for the next plan") && len(out.Promises) == 0 {
		defer r.poolsAreFull()
	}
	whole := map[string]bool{}
	for _, p := range out.Placements {
		if q := r.requests[p.Run]; q != nil {
			r.request(p, q, len(out.Placements)+len(out.Reservations))
			whole[p.Run] = true
		} else {
			g := r.growing[p.Run]
			placed := r.takeSlots(p, p.Slots, g.Application, workerRole, g.Worker,
				&g.Needs) + r.shares(p, g.Application, g.Worker, &g.Needs)
			whole[p.Run] = placed == g.Count
			r.slotsFirst(p, g.Application, workerRole, g.Worker, &g.Needs, len(p.Shares) > 0)
			r.must(p.Zone == g.Zone && p.Driver == "", "growth left its zone: %+v", p)
		}
	}
	for _, w := range out.Waits {
		if w.Run == "" {
			r.must(waiting[w.Application] && w.Message != "", "no slots of %s are missing, and yet: %+v", w.Application,
				w)
			delete(waiting, w.Application)
			continue
		}
		r.must(!whole[w.Run], "placed whole and waits: %+v", w)
		r.must(w.Message != "", "waits without a message: %+v", w)
		whole[w.Run] = true
		if q := r.requests[w.Run]; q != nil {
			r.slotsWouldNotDo(w, q)
		}
	}
	r.must(len(waiting) == 0, "slots of %v are missing, and nothing says why", waiting)
	r.must(len(whole) == len(r.requests)+len(r.growing), "%d requests, %d answers", len(r.requests)+len(r.growing),
		len(whole))
}

func (r *replay) request(p Placement, q *Request, placements int) {
	if p.DriverSlot != "" {
		r.takeSlots(p, []string{p.DriverSlot}, q.Application, driverRole, q.Driver, &q.Needs)
		r.must(r.slots[p.DriverSlot].Node == p.Driver, "the driver's slot is elsewhere: %+v", p)
	} else {
		r.take(p.Driver, p.Zone, q.Application, q.Driver, &q.Needs, 1)
	}
	count := r.takeSlots(p, p.Slots, q.Application, workerRole, q.Worker,
		&q.Needs) + r.shares(p, q.Application, q.Worker, &q.Needs)
	r.slotsFirst(p, q.Application, driverRole, q.Driver, &q.Needs, p.DriverSlot == "")
	r.slotsFirst(p, q.Application, workerRole, q.Worker, &q.Needs, len(p.Shares) > 0)
	r.must(count >= q.Minimum && count <= max(q.Initial, q.Minimum), "%d workers of %d to %d", count, q.Minimum,
		q.Initial)
	r.must(r.workers <= r.max || r.max == 0 || placements == 1, "%d workers in a plan of %d", r.workers, r.max)
}

func (r *replay) shares(p Placement, app string, size resource.Size, needs *Needs) (count uint32) {
	for _, s := range p.Shares {
		r.must(s.Count > 0, "empty share: %+v", p)
		r.take(s.Node, p.Zone, app, size, needs, int64(s.Count))
		count += s.Count
	}
	return count
}

// reservation takes new slots; with those that are there they are never more than the pool is to have.
func (r *replay) reservation(p Reservation) {
	for _, pool := range r.apps[p.Application].Pools {
		if pool.Role != p.Role {
			continue
		}
		for _, s := range p.Shares {
			r.must(s.Count > 0, "empty share: %+v", p)
			r.take(s.Node, r.nodes[s.Node].Zone, p.Application, pool.Size, &pool.Needs, int64(s.Count))
			for i := range s.Count {
				id := fmt.Sprint("new", p.Application, p.Role, s.Node, i)
				r.slots[id] = &Slot{ID: id, Application: p.Application, Node: s.Node, Role: p.Role, Size: pool.Size}
			}
		}
		r.must(r.count(p.Application, p.Role) <= pool.Count, "more slots than %d: %+v", pool.Count, p)
		return
	}
	r.must(false, "nobody asked for %+v", p)
}

func (r *replay) count(application string, role Role) (n uint32) {
	for _, s := range r.slots {
		if s.Application == application && s.Role == role {
			n++
		}
	}
	return n
}

// missingSlots returns the applications that have fewer slots than they are to have.
func (r *replay) missingSlots() map[string]bool {
	missing := map[string]bool{}
	for id, a := range r.apps {
		for _, pool := range a.Pools {
			if r.count(id, pool.Role) < pool.Count {
				missing[id] = true
			}
		}
	}
	return missing
}

// poolsAreFull holds that no slot is missing for which a node has room, and the limits too.
func (r *replay) poolsAreFull() {
	for id, a := range r.apps {
		for _, pool := range a.Pools {
			left := r.quota == 0 || r.held+pool.Size.MilliCPU <= r.quota
			for _, n := range r.nodes {
				fits := left && serves(n, &pool.Needs, pool.Size) && pool.Size.FitsIn(n.Free) &&
					n.Held < resource.MaxSlots && a.Used.Add(pool.Size.Vector).WithinLimit(a.Limit)
				r.must(!fits || r.count(id, pool.Role) == pool.Count,
					"node %s has room for a missing slot of %s: %+v\n%s",
					n.ID, id, pool, r.plan)
			}
		}
	}
}

// slotsWouldNotDo holds that no request waits for room or limits while one zone's slots alone would start it.
func (r *replay) slotsWouldNotDo(w Wait, q *Request) {
	count := max(q.Initial, q.Minimum)
	switch w.Kind {
	case WaitTooLarge:
		count = q.Minimum
	case WaitApplicationLimit:
		if strings.HasPrefix(w.Message, "waits behind") {
			return
		}
	case WaitNoRoom, WaitAccountQuota:
	default:
		return
	}
	for _, zone := range []string{"a", "b", "c"} {
		drivers := r.left(q.Application, zone, driverRole, q.Driver, &q.Needs)
		workers := r.left(q.Application, zone, workerRole, q.Worker, &q.Needs)
		r.must(drivers == 0 || workers < count, "%d drivers and %d workers of zone %s are left, and yet: %+v",
			drivers, workers, zone, w)
	}
}

// left counts the slots of a zone that would still serve.
func (r *replay) left(application, zone string, role Role, need resource.Size, needs *Needs) (n uint32) {
	for id, s := range r.slots {
		if s.Free && !r.used[id] && s.Application == application && s.Role == role && s.Size.Serves(need) &&
			r.nodes[s.Node] != nil &&
			r.nodes[s.Node].Zone == zone && lets(needs, r.nodes[s.Node]) {
			n++
		}
	}
	return n
}

// takeSlots uses slots, each once.
func (r *replay) takeSlots(
	p Placement, ids []string, application string, role Role, need resource.Size, needs *Needs,
) uint32 {
	for _, id := range ids {
		s := r.slots[id]
		r.must(s.Free && !r.used[id] && s.Application == application && s.Role == role && s.Size.Serves(need),
			"slot %+v is not for %+v", s, p)
		r.must(r.nodes[s.Node] != nil && r.nodes[s.Node].Zone == p.Zone && lets(needs, r.nodes[s.Node]),
			"slot %+v is on a node that may not be used: %+v",
			s, p)
		r.used[id] = true
		r.workers++
	}
	return uint32(len(ids))
}

// slotsFirst holds that nothing new is taken while a slot of the zone would serve.
func (r *replay) slotsFirst(
	p Placement, application string, role Role, need resource.Size, needs *Needs, takesNew bool,
) {
	left := r.left(application, p.Zone, role, need, needs)
	r.must(!takesNew || left == 0, "%d slots are left, and yet: %+v", left, p)
}

func (r *replay) take(id, zone, app string, size resource.Size, needs *Needs, count int64) {
	n := r.nodes[id]
	a := r.apps[app]
	r.must(n.Zone == zone, "node %s is not in zone %s", id, zone)
	r.must(serves(n, needs, size), "node %s does not serve %+v", id, needs)
	n.Free = n.Free.Sub(size.Times(count))
	n.Held = n.Held + count
	r.must(n.Held <= resource.MaxSlots, "node %s holds %d slots", id, n.Held)
	a.Used = a.Used.Add(size.Times(count))
	r.must((resource.Vector{}).FitsIn(n.Free), "node %s has %v left", id, n.Free) // sizes have no zero part
	r.must(a.Used.WithinLimit(a.Limit), "application %s holds %v of %v", app, a.Used, a.Limit)
	r.workers += int(count)
	r.held += size.MilliCPU * count
	r.must(r.quota == 0 || r.held <= r.quota, "the account holds %d of %d", r.held, r.quota)
}

func (r *replay) must(holds bool, format string, args ...any) {
	if !holds {
		r.t.Fatalf(format, args...)
	}
}

func drawInput(t *rapid.T) Input {
	in := Input{Nodes: drawNodes(t, 12)}
	in.MaxWorkers = rapid.IntRange(0, 30).Draw(t, "max-workers")
	for i := range 3 {
		in.Applications = append(in.Applications, Application{
			ID: fmt.Sprint("app", i), Weight: rapid.Int64Range(0, 3).Draw(t, "weight"),
			Limit: resource.Vector{MilliCPU: rapid.SampledFrom([]int64{0, 0, 8000, 20000}).Draw(t, "limit")},

			Priority: drawPriority(t),
		})
	}
	if rapid.Bool().Draw(t, "quota") {
		in.AccountCPU = rapid.Int64Range(1, 60).Draw(t, "vcpu") * 1000
	}
	for i := range in.Applications {
		drawPools(t, &in, &in.Applications[i])
	}
	for i := range rapid.IntRange(0, 10).Draw(t, "requests") {
		in.Waiting = append(in.Waiting, drawRequest(t, fmt.Sprint("r", i)))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "growing") {
		r := drawRequest(t, fmt.Sprint("g", i))
		in.Growing = append(in.Growing, Growth{
			Run:         r.Run,
			Application: r.Application,
			Priority:    r.Priority,
			Submitted:   r.Submitted,
			Ends:        rapid.SampledFrom([]int64{0, 11 * hour}).Draw(t, "growth ends"),
			Zone:        drawZone(t),
			Worker:      r.Worker,
			WorkerRole:  workerRole,
			Needs:       r.Needs,
			Count:       rapid.Uint32Range(1, 9).Draw(t, "count"),
		})
	}
	drawPromises(t, &in)
	return in
}

const (
	minute = int64(time.Minute)
	hour   = int64(time.Hour)
)

// drawPromises lets some of what waits wait for long, and says when it and what is on nodes ends.
func drawPromises(t *rapid.T, in *Input) {
	in.Now = 10 * hour
	in.Patience = minute
	in.Yields = 30
	in.Look = rapid.Bool().Draw(t, "look")
	for i := range in.Waiting {
		in.Waiting[i].Since = in.Now - rapid.Int64Range(0, 2*minute).Draw(t, "waits")
		in.Waiting[i].Longest = rapid.SampledFrom([]int64{0, hour / 2, 2 * hour}).Draw(t, "longest")
	}
	for _, n := range in.Nodes {
		for i := range rapid.IntRange(0, 3).Draw(t, "occupants") {
			ends := rapid.SampledFrom([]int64{0, 11 * hour, 12 * hour, 13 * hour}).Draw(t, "ends")
			in.occupy(n.ID, Occupant{
				ID:     fmt.Sprint("w", i, "-", n.ID),
				Size:   drawVector(t, 5),
				Ends:   ends,
				Yields: rapid.SampledFrom([]uint32{0, 0, 30, 60, 80}).Draw(t, "yields"),
			})
		}
	}
	if in.Occupants == nil {
		in.Occupants = func(string) []Occupant { return nil }
	}
}

// drawPools gives an application pools, some slots of which are there. It may have slots without a pool, as when the
// door has just refused a reservation, and of another size.
func drawPools(t *rapid.T, in *Input, a *Application) {
	for _, role := range []Role{driverRole, workerRole} {
		pool := Pool{Role: role, Size: drawSize(t), Count: rapid.Uint32Range(0, 6).Draw(t, "slots")}
		pool.Needs.Nodes = drawRules(t)
		pool.Needs.Avoid = rapid.SampledFrom([][]string{nil, nil, {"n0"}}).Draw(t, "cannot prepare")
		if pool.Count == 0 || rapid.Bool().Draw(t, "no slots") {
			continue
		}
		if rapid.IntRange(0, 3).Draw(t, "pool") > 0 {
			a.Pools = append(a.Pools, pool)
		}
		other := drawSize(t)
		for i := range rapid.Uint32Range(0, pool.Count).Draw(t, "there") {
			size := rapid.SampledFrom([]resource.Size{pool.Size, pool.Size, other}).Draw(t, "slot-size")
			in.Slots = append(in.Slots, Slot{
				ID:          fmt.Sprint(a.ID, "-", role, "-", i),
				Application: a.ID,
				Role:        role,
				Size:        size,
				Node:        fmt.Sprint("n", rapid.IntRange(0, 12).Draw(t, "on")),
				Free:        rapid.Bool().Draw(t, "free"),
			})
			a.Used = a.Used.Add(size.Vector)
			in.AccountUsed = in.AccountUsed + size.MilliCPU
		}
	}
}

func drawPriority(t *rapid.T) uint32 {
	return rapid.SampledFrom([]uint32{50, 50, 20, 70}).Draw(t, "priority")
}

func drawZone(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "zone") }

func drawNodes(t *rapid.T, limit int) (nodes []Node) {
	for i := range rapid.IntRange(0, limit).Draw(t, "nodes") {
		capacity := drawVector(t, 16)
		nodes = append(nodes, Node{
			ID:           fmt.Sprint("n", i),
			Name:         fmt.Sprint("n", i),
			Labels:       label.Of(drawLabels(t)),
			Zone:         drawZone(t),
			Capacity:     capacity,
			Free:         capacity.Sub(drawVector(t, 5)),
			ShuffleDisk:  rapid.Bool().Draw(t, "shuffle"),
			Architecture: rapid.SampledFrom([]string{"x86_64", "arm64"}).Draw(t, "arch"),
			Releases:     map[string]bool{rapid.SampledFrom([]string{"old", "new"}).Draw(t, "holds"): true},
			Held:         rapid.SampledFrom([]int64{0, 0, resource.MaxSlots - 2, resource.MaxSlots}).Draw(t, "held"),
		})
	}
	return nodes
}

func drawLabels(t *rapid.T) map[string]string {
	labels := map[string]string{}
	if disk := rapid.SampledFrom([]string{"", "nvme", "hdd"}).Draw(t, "disk"); disk != "" {
		labels["disk"] = disk
	}
	if rack := rapid.SampledFrom([]string{"", "r1", "r2", "r3"}).Draw(t, "rack"); rack != "" {
		labels["rack"] = rack
	}
	return labels
}

func drawVector(t *rapid.T, limit int64) resource.Vector {
	part := rapid.Int64Range(1, limit)
	return resource.Vector{
		MilliCPU:  part.Draw(t, "cpu") * 1000,
		MemoryMiB: part.Draw(t, "memory") * 1024,
		DiskMiB:   part.Draw(t, "disk") * 1024,
	}
}

func drawSize(t *rapid.T) resource.Size {
	disk := rapid.SampledFrom([]resource.DiskType{
		resource.DiskStandard, resource.DiskStandard, resource.DiskShuffleOptimized,
	})
	return resource.Size{Vector: drawVector(t, 5), Disk: disk.Draw(t, "disk-type")}
}

func drawRequest(t *rapid.T, run string) Request {
	r := Request{
		Run:         run,
		Application: rapid.SampledFrom([]string{"app0", "app1", "app2"}).Draw(t, "of"),
		Attempt:     1,
		Priority:    drawPriority(t),
		Submitted:   rapid.Int64Range(0, 3).Draw(t, "at"),
		Driver:      drawSize(t),
		Worker:      drawSize(t),
		Initial:     rapid.Uint32Range(0, 8).Draw(t, "initial"),
		Minimum:     rapid.Uint32Range(0, 3).Draw(t, "minimum"),
		AvoidZone:   rapid.SampledFrom([]string{"", "a"}).Draw(t, "avoid-zone"),
		AvoidNode:   rapid.SampledFrom([]string{"", "n1"}).Draw(t, "avoid-node"),
	}
	r.DriverRole = driverRole
	r.WorkerRole = workerRole
	r.Needs.Release = rapid.SampledFrom([]string{"", "", "new"}).Draw(t, "release")
	r.Needs.Architecture = rapid.SampledFrom([]string{"", "", "arm64"}).Draw(t, "needs-arch")
	r.Needs.ReleaseCached = rapid.Bool().Draw(t, "cached")
	r.Needs.Avoid = rapid.SampledFrom([][]string{nil, nil, {"n0"}, {"n2", "n0"}}).Draw(t, "refused")
	r.Needs.Nodes = drawRules(t)
	return r
}
