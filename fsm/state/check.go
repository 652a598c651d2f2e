package state

import (
	"cmp"
	"fmt"

	"github.com/headrace/headrace/internal/resource"
)

// Check counts everything again and returns the first invariant that does not hold, or nil. It reads the whole state:
// tests call it after every event, a server at its checkpoints.
func (v *View) Check() error {
	for _, check := range []func() error{
		v.checkUsage,
		v.checkLimits,
		v.checkNodes,
		v.checkSlots,
		v.checkPools,
		v.checkRuns,
		v.checkWorkers,
		v.checkIndexes,
		v.checkCounts,
		v.checkAccessKeys,
		v.checkContents,
		v.checkSegments,
	} {
		if err := check(); err != nil {
			return fmt.Errorf("record %d: %w", v.Sequence, err)
		}
	}
	return nil
}

// checkUsage holds that derived figures equal a recount (I10).
func (v *View) checkUsage() error {
	nodes := map[string]resource.Vector{}
	applications := map[string]resource.Vector{}
	slots := map[string]int64{}
	for s := range v.slots.all() {
		slots[s.Node]++
		nodes[s.Node] = nodes[s.Node].Add(s.Size.Vector)
		applications[s.Application] = applications[s.Application].Add(s.Size.Vector)
	}
	if err := sameUse("slots of node", slots, &v.slotsOfNode); err != nil {
		return err
	}
	if err := sameUse("node", nodes, &v.usedOfNode); err != nil {
		return err
	}
	all := map[string]resource.Vector{}
	for _, used := range nodes {
		all[""] = all[""].Add(used)
	}
	if err := sameUse("cluster", all, &v.used); err != nil {
		return err
	}
	return sameUse("application", applications, &v.usedOfApplication)
}

func sameUse[N comparable](what string, counted map[string]N, kept *table[N]) error {
	if len(counted) != kept.rows.Len() {
		return fmt.Errorf("%d %ss use something, %d are kept", len(counted), what, kept.rows.Len())
	}
	for id, sum := range counted {
		if kept.get(id) != sum {
			return fmt.Errorf("%s %s uses %v, but %v is kept", what, id, sum, kept.get(id))
		}
	}
	return nil
}

// checkLimits holds that nothing is used beyond what there is (I3).
func (v *View) checkLimits() error {
	for n := range v.nodes.all() {
		if used := v.UsedOfNode(n.ID); n.State == NodeReady && !used.FitsIn(n.Capacity) {
			return fmt.Errorf("node %s offers %s, but %s is used", n.ID, n.Capacity, used)
		}
		if slots := v.SlotsOfNode(n.ID); slots > resource.MaxSlots {
			return fmt.Errorf("node %s has %d slots, but may have %d", n.ID, slots, resource.MaxSlots)
		}
	}
	for a := range v.applications.all() {
		if used := v.UsedOfApplication(a.ID); !used.WithinLimit(a.Limit) {
			return fmt.Errorf("application %s may use %s, but uses %s", a.ID, a.Limit, used)
		}
	}
	return nil
}

// checkNodes holds that a name belongs to one node that is here, a certificate to one node, which has its name, and
// that a node that is held back has nothing.
func (v *View) checkNodes() error {
	here := map[string]string{}
	proved := map[string]string{}
	for n := range v.nodes.all() {
		if other := here[n.Name]; other != "" && n.Here() {
			return fmt.Errorf("nodes %s and %s are both here as %s", other, n.ID, n.Name)
		}
		if other := proved[n.Name]; other != "" && n.Certificate.Name != "" {
			return fmt.Errorf("nodes %s and %s both belong to the certificate of %s", other, n.ID, n.Name)
		}
		if n.Here() {
			here[n.Name] = n.ID
		}
		if n.Certificate.Name != "" {
			proved[n.Name] = n.ID
		}
		if err := v.checkNode(n); err != nil {
			return err
		}
	}
	return nil
}

func (v *View) checkNode(n *Node) error {
	switch {
	case n.Certificate.Name != "" && n.Certificate.Name != n.Name:
		return fmt.Errorf("node %s is %s, and its certificate is for %s", n.ID, n.Name, n.Certificate.Name)
	case n.HeldBack && n.State == NodeReady || !n.HeldBack && n.State == NodeNotApproved:
		return fmt.Errorf("node %s is %s, and held back: %t", n.ID, n.State, n.HeldBack)
	case !n.Drain.Since.IsZero() && !n.Cordoned():
		return fmt.Errorf("node %s drains, and is not cordoned", n.ID)
	case !n.Drain.Done.IsZero() && !v.UsedOfNode(n.ID).IsZero():
		return fmt.Errorf("node %s is drained, and %s of it is used", n.ID, v.UsedOfNode(n.ID))
	case n.HeldBack && !v.UsedOfNode(n.ID).IsZero():
		return fmt.Errorf("node %s is held back, and %s of it is used", n.ID, v.UsedOfNode(n.ID))
	}
	return nil
}

// checkSlots holds that every slot is pre-initialised and free, or has one live worker, which says the same of it (I1).
func (v *View) checkSlots() error {
	for s := range v.slots.all() {
		var err error
		if s.Worker == "" && s.Preinitialised() {
			err = v.checkFree(s)
		} else {
			err = v.checkTaken(s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkFree holds that a free slot is held for an application that prepares it, or stops and has yet to give it up, and
// on a node that is not lost. A node that is being lost may hold one: what is on it ends in several records.
func (v *View) checkFree(s *Slot) error {
	n := v.nodes.get(s.Node)
	if n == nil || n.State == NodeLost || !v.applications.get(s.Application).holdsSlots() {
		return fmt.Errorf("slot %s is held free for application %s on node %s, which is %+v",
			s.ID, s.Application, s.Node, n)
	}
	return nil
}

// checkTaken holds that a slot and its worker agree, and that it is on a lost node only if the worker is to go on
// without a lease.
func (v *View) checkTaken(s *Slot) error {
	w := v.workers.get(s.Worker)
	if w == nil || !w.Live() || !w.agrees(s) {
		return fmt.Errorf("slot %s on node %s does not agree with its worker %+v", s.ID, s.Node, w)
	}
	n := v.nodes.get(s.Node)
	if n == nil || n.State == NodeLost && !v.runs.get(w.Run).Keep() {
		return fmt.Errorf("slot %s is on node %s, which is %+v", s.ID, s.Node, n)
	}
	return nil
}

// agrees says whether a worker says of itself what its slot says.
func (w *Worker) agrees(s *Slot) bool {
	same := w.slot() == s.ID && w.Node == s.Node && w.Application == s.Application && w.Size == s.Size
	return same && (!s.Preinitialised() || s.Type == w.Type)
}

// checkPools holds that no application has more pre-initialised slots of a type than it asks for, nor of another size,
// and that their counts equal a recount (I10).
func (v *View) checkPools() error {
	for a := range v.applications.all() {
		counts := PoolCounts{}
		for s := range v.PoolOfApplication(a.ID) {
			counts[s.Type].add(s)
			if initial := a.InitialOf(s.Type); counts[s.Type].Held > initial.Count || s.Size != initial.Size {
				return fmt.Errorf("application %s has %d slots of %s of %s, but is to have %+v",
					a.ID, counts[s.Type].Held, s.Type, s.Size.Vector, initial)
			}
		}
		if kept := v.PoolCounts(a.ID); kept != counts {
			return fmt.Errorf("application %s has pre-initialised slots %v, but %v are kept", a.ID, counts, kept)
		}
	}
	return nil
}

// checkCounts holds that the counts of runs equal a recount (I10), and that no application has more runs in place than
// it may.
func (v *View) checkCounts() error {
	counted := map[string]RunCounts{}
	placed := map[string]int{}
	for r := range v.runs.all() {
		counts := counted[r.Application]
		counts[r.State]++
		counted[r.Application] = counts
		if r.State == RunCancelling && v.HasLiveWorkers(r.ID) || r.State >= RunPending && r.State <= RunRunning {
			placed[r.Application]++
		}
	}
	for a := range v.applications.all() {
		if counts := v.RunCounts(a.ID); counts != counted[a.ID] {
			return fmt.Errorf("application %s has runs %v, but %v are kept", a.ID, counted[a.ID], counts)
		}
		if a.MaxRuns > 0 && placed[a.ID] > int(a.MaxRuns) {
			return fmt.Errorf("application %s has %d runs in place of at most %d", a.ID, placed[a.ID], a.MaxRuns)
		}
	}
	return nil
}

// checkRuns holds that runs, attempts and applications tell one story (I4, I12).
func (v *View) checkRuns() error {
	for r := range v.runs.all() {
		newest := v.Attempt(r.ID, r.Attempt)
		if newest == nil || v.applications.get(r.Application) == nil {
			return fmt.Errorf("run %s has no attempt %d or no application %s", r.ID, r.Attempt, r.Application)
		}
		if err := v.checkAttempts(r); err != nil {
			return err
		}
		if r.State.Terminal() && !newest.State.Over() || r.State == RunCancelled && v.HasLiveWorkers(r.ID) {
			return fmt.Errorf("run %s is %s, but its attempt %d is %s or workers live",
				r.ID, r.State, r.Attempt, newest.State)
		}
		if !r.agrees(newest) {
			return fmt.Errorf("run %s is %s, but its attempt %d is %s", r.ID, r.State, r.Attempt, newest.State)
		}
	}
	return nil
}

// agrees says whether a run that is scheduled or runs is in the state of its newest attempt, unless that is over.
func (r *JobRun) agrees(newest *Attempt) bool {
	if r.State != RunRunning && r.State != RunScheduled || newest.State.Over() {
		return true
	}
	return r.State.String() == newest.State.String()
}

// checkAttempts holds that only the newest attempt is not over, and that workers of older ones are gone before it has
// any.
func (v *View) checkAttempts(r *JobRun) error {
	drivers := 0
	numbers := uint32(0)
	for a := range v.Attempts(r.ID, 0) {
		numbers++
		if a.Number != numbers || (a.Number < r.Attempt && !a.State.Over()) {
			return fmt.Errorf("run %s has attempt %d in state %s beside attempt %d", r.ID, a.Number, a.State, r.Attempt)
		}
	}
	attempts := map[uint32]bool{}
	for w := range v.LiveWorkersOfRun(r.ID) {
		attempts[w.Attempt] = true
		if w.Number == 0 {
			drivers++
		}
	}
	if drivers > 1 || len(attempts) > 1 {
		return fmt.Errorf("run %s has %d live drivers and live workers of %d attempts", r.ID, drivers, len(attempts))
	}
	return nil
}

// checkWorkers holds that the workers of an attempt share its zone, and that no number is alive twice (I8).
func (v *View) checkWorkers() error {
	for w := range v.workers.all() {
		if !w.Live() {
			continue
		}
		a := v.Attempt(w.Run, w.Attempt)
		n := v.nodes.get(w.Node)
		slot := v.slots.get(w.slot())
		inZone := a != nil && n != nil && n.Zone == a.Zone
		if !inZone || slot == nil || slot.Worker != w.ID {
			return fmt.Errorf("worker %s on node %s does not agree with its attempt %+v", w.ID, w.Node, a)
		}
		if newest := v.NewestWorker(w.Run, w.Attempt, w.Number); newest.ID != w.ID {
			return fmt.Errorf("workers %s and %s both have number %d", w.ID, newest.ID, w.Number)
		}
	}
	return nil
}

// slot is the id of the slot that a live worker is in.
func (w *Worker) slot() string { return cmp.Or(w.Slot, w.ID) }

// checkIndexes holds that every index has exactly the rows that it should have.
func (v *View) checkIndexes() error {
	live := countIf(&v.workers, (*Worker).Live)
	unfinished := countIf(&v.runs, func(r *JobRun) bool { return !r.State.Terminal() })
	finished := countIf(&v.runs, func(r *JobRun) bool { return r.State.Terminal() })
	preinitialised := countIf(&v.slots, (*Slot).Preinitialised)
	for _, index := range []struct {
		name    string
		entries int
		rows    int
	}{
		{"live of node", v.liveOfNode.rows.Len(), live},
		{"live of run", v.liveOfRun.rows.Len(), live},
		{"names of nodes", v.namesOfNodes.rows.Len(), v.nodes.rows.Len()},
		{"nodes by sort key", v.nodesBySortKey.rows.Len(), v.nodes.rows.Len()},
		{"pool of application", v.poolOfApplication.rows.Len(), preinitialised},
		{"pool of node", v.poolOfNode.rows.Len(), preinitialised},
		{"requests by expiry", v.requestsByExpiry.rows.Len(), v.requests.rows.Len()},
		{"runs of application", v.runsOfApplication.rows.Len(), v.runs.rows.Len()},
		{"finished runs", v.finished.rows.Len(), finished},
		{"names of segments", v.segmentNames.rows.Len(), v.segments.rows.Len()},
		{"unfinished runs", v.unfinished.rows.Len(), unfinished},
		{"workers of run", v.workersOfRun.rows.Len(), v.workers.rows.Len()},
	} {
		if index.entries != index.rows {
			return fmt.Errorf("the index %s has %d entries for %d rows", index.name, index.entries, index.rows)
		}
	}
	return nil
}

func countIf[R any](t *table[R], holds func(R) bool) (n int) {
	for row := range t.all() {
		if holds(row) {
			n++
		}
	}
	return n
}

// checkContents holds that runs name contents that are there, and that those are counted.
func (v *View) checkContents() error {
	counted := map[string]int64{}
	for r := range v.runs.all() {
		if r.State.Terminal() && r.Launch != "" {
			return fmt.Errorf("run %s is over and names a launch", r.ID)
		}
		for _, key := range []string{r.Launch, r.Inherited} {
			if key == "" {
				continue
			}
			if v.contents.get(key) == nil {
				return fmt.Errorf("run %s names content %s, which is not there", r.ID, key)
			}
			counted[key]++
		}
	}
	if n := v.contents.rows.Len(); n != len(counted) {
		return fmt.Errorf("%d contents are kept, and %d are named", n, len(counted))
	}
	return sameUse("content", counted, &v.contentUses)
}

// checkSegments holds that a segment is found by its name, and that its ranges are ranges of runs.
func (v *View) checkSegments() error {
	for s := range v.segments.all() {
		if v.Segment(s.Name()) != s || s.Runs <= 0 || s.FirstRun > s.LastRun || s.LastEnded.Before(s.FirstEnded) {
			return fmt.Errorf("segment %s has %d runs from %s to %s", s.Name(), s.Runs, s.FirstRun, s.LastRun)
		}
	}
	return nil
}
