package state

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"
)

func ids[R any](rows iter.Seq[R], id func(R) string) (all []string) {
	for row := range rows {
		all = append(all, id(row))
	}
	return all
}

func runID(r *JobRun) string { return r.ID }

func nodeID(n *Node) string { return n.ID }

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func TestJobRuns_AreNewestFirstAndOfOneApplication(t *testing.T) {
	tx := New().Begin()
	for i, application := range []string{"a", "b", "a", "ab", "a", "b"} {
		tx.PutJobRun(JobRun{
			ID:          fmt.Sprint("r", i),
			Application: application,
			State:       []JobRunState{RunPending, RunSuccess}[i%2],
		})
	}
	v := tx.Commit()
	want(t, "all of a", ids(v.JobRuns("a", ""), runID), "r4", "r2", "r0")
	want(t, "of a before r4", ids(v.JobRuns("a", "r4"), runID), "r2", "r0")
	want(t, "of a before r0", ids(v.JobRuns("a", "r0"), runID))
	want(t, "of b", ids(v.JobRuns("b", ""), runID), "r5", "r1")
	want(t, "of none", ids(v.JobRuns("c", ""), runID))
	want(t, "unfinished of a", ids(v.Unfinished("a"), runID), "r0", "r2", "r4")
	want(t, "unfinished of b", ids(v.Unfinished("b"), runID))
	want(t, "unfinished", ids(v.Unfinished(""), runID), "r0", "r2", "r4")
}

func TestNodes_AreFoundByNameAndPlace(t *testing.T) {
	tx := New().Begin()
	for _, n := range []Node{
		{ID: "1", Name: "x", Zone: "b"},
		{ID: "2", Name: "y", Zone: "a"},
		{ID: "3", Name: "z", Zone: "a"},
		{ID: "4", Name: "z", Zone: "c"},
	} {
		tx.PutNode(n)
	}
	tx.PutNode(Node{ID: "2", Name: "w", Zone: "a"}) // has another name now
	v := tx.Commit()
	want(t, "by place", ids(v.NodesByName(""), nodeID), "2", "3", "1", "4")
	want(t, "after 3", ids(v.NodesByName(NodeSortKey(v.Node("3"))), nodeID), "1", "4")
	want(t, "named z", ids(v.NodesNamed("z"), nodeID), "3", "4")
	if v.NodeNamed("y") != nil || v.NodeNamed("z") != nil || v.NodeNamed("x").ID != "1" || v.NodeNamed("4").ID != "4" {
		t.Error("a name finds the wrong node")
	}
	if v.Node("1").Holds("emr-7.2.0") || !(&Node{Releases: []string{"emr-7.2.0"}}).Holds("emr-7.2.0") {
		t.Error("Holds is wrong about releases")
	}
}

func TestAttempts_AreInOrderOfTheirNumbers(t *testing.T) {
	tx := New().Begin()
	for _, n := range []uint32{10, 2, 1, 100} {
		tx.PutAttempt(Attempt{Run: "r", Number: n})
	}
	tx.PutAttempt(Attempt{Run: "r2", Number: 3})
	number := func(a *Attempt) string { return fmt.Sprint(a.Number) }
	v := tx.Commit()
	want(t, "all", ids(v.Attempts("r", 0), number), "1", "2", "10", "100")
	want(t, "after 2", ids(v.Attempts("r", 2), number), "10", "100")
}

// A view never changes, whatever is done to the scratch copies that began on it, and on those.
func TestView_StaysAsItIs(t *testing.T) {
	v := sound(t)
	tx := v.Begin()
	tx.RemoveSlot("w1")
	tx.PutApplication(Application{ID: "b"})
	second := tx.Commit()
	tx = second.Begin()
	tx.RemoveApplication("b")
	tx.Commit()
	if v.Slot("w1") == nil || v.Application("b") != nil || second.Application("b") == nil ||
		v.UsedOfNode("n1").IsZero() || !second.UsedOfNode("n1").IsZero() {
		t.Error("a change on a copy shows in the view that it was made from")
	}
}

func TestAdvance_ForgetsWhatHasExpired(t *testing.T) {
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	tx := New().Begin()
	tx.PutRequest(Request{Key: "a", Expires: at(10)})
	tx.PutRequest(Request{Key: "b", Expires: at(20)})
	tx.PutRequest(Request{Key: "a", Expires: at(30)}) // kept longer
	tx.Advance(1, at(20))
	key := func(r *Request) string { return r.Key }
	v := tx.Commit()
	want(t, "kept", ids(v.Requests(), key), "a")
	tx = v.Begin()
	tx.Advance(2, at(30))
	want(t, "kept", ids(tx.Commit().Requests(), key))
}

func TestMoment_KeepsTheZeroTime(t *testing.T) {
	if !Moment(0).IsZero() || Nano(time.Time{}) != 0 || Nano(Moment(5)) != 5 {
		t.Error("times do not survive the log")
	}
}

// Slots and runs are counted as they come, change and go.
func TestPoolCounts_FollowTheSlots(t *testing.T) {
	tx := New().Begin()
	wantCount := func(want PoolCount) {
		t.Helper()
		if got := tx.View().PoolCounts("a")[TypeDriver]; got != want {
			t.Errorf("the slots are %+v, not %+v", got, want)
		}
	}
	slot := Slot{ID: "s", Application: "a", Node: "n", Size: oneCPU, Type: TypeDriver}
	tx.PutSlot(slot)
	wantCount(PoolCount{Held: 1})
	slot.Ready = true
	tx.PutSlot(slot)
	wantCount(PoolCount{Held: 1, Ready: 1})
	slot.Worker = "w"
	tx.PutSlot(slot)
	tx.PutSlot(Slot{ID: "w2", Application: "a", Node: "n", Size: oneCPU, Worker: "w2"}) // no pre-initialised one
	wantCount(PoolCount{Held: 1, Ready: 1, Taken: 1})
	tx.RemoveSlot("s")
	wantCount(PoolCount{})
	tx.RemoveSlot("w2")
	v := tx.Commit()
	if !v.Used().IsZero() || v.poolCounts.rows.Len() != 0 {
		t.Errorf("%s is used, and %d applications have slots", v.Used(), v.poolCounts.rows.Len())
	}
}

func TestRunCounts_FollowTheRuns(t *testing.T) {
	tx := New().Begin()
	for _, s := range []JobRunState{RunSubmitted, RunQueued, RunPending, RunCancelling, RunSuccess} {
		tx.PutJobRun(JobRun{ID: s.String(), Application: "a", State: s})
	}
	tx.PutJobRun(JobRun{ID: "moves", Application: "a", State: RunQueued})
	tx.PutJobRun(JobRun{ID: "moves", Application: "a", State: RunRunning})
	tx.PutJobRun(JobRun{ID: "other", Application: "b", State: RunRunning})
	counts := tx.Commit().RunCounts("a")
	if counts.Unfinished() != 5 || counts.Placed() != 3 || counts[RunQueued] != 1 {
		t.Errorf("the runs are %v", counts)
	}
}

func TestPools_AreFoundByApplicationAndNode(t *testing.T) {
	tx := New().Begin()
	for _, s := range []Slot{
		{ID: "1", Application: "a", Node: "y", Type: TypeExecutor},
		{ID: "2", Application: "a", Node: "x", Type: TypeDriver},
		{ID: "3", Application: "ab", Node: "x", Type: TypeDriver},
		{ID: "4", Application: "a", Node: "x", Worker: "4"},
	} {
		s.Size = oneCPU
		tx.PutSlot(s)
	}
	v := tx.Commit()
	slotID := func(s *Slot) string { return s.ID }
	want(t, "of a, by type", ids(v.PoolOfApplication("a"), slotID), "2", "1")
	want(t, "on x", ids(v.PoolOfNode("x"), slotID), "2", "3")
}
