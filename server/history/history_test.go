package history

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/copies"
	"github.com/headrace/headrace/server/history/segment"
)

var began = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// id returns an id that sorts by its number, and looks like those of a cluster otherwise.
func id(kind string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%d", kind, n))
	return fmt.Sprintf("01%06d%x", n, sum[:9])
}

// ended is a state with runs that are over, the n-th of which ended n seconds after the first.
func ended(numbers ...int) *state.View {
	tx := state.New().Begin()
	for n := range 3 {
		a := state.Application{ID: id("a", n), State: state.ApplicationStarted}
		a.Decide(specv1.Application_builder{Name: new(fmt.Sprintf("a%d", n))}.Build())
		tx.PutApplication(a)
	}
	for _, n := range numbers {
		putRun(tx, n)
	}
	return tx.Commit()
}

func putRun(tx *state.Tx, n int) {
	at := began.Add(time.Duration(n) * time.Second)
	tx.PutJobRun(state.JobRun{
		ID:          id("r", n),
		Application: id("a", n%3),
		CreatedBy:   "ann",
		Spec:        specv1.JobRun_builder{Name: new(fmt.Sprintf("name-%d", n%7))}.Build(),
		State:       state.RunSuccess,
		Attempt:     1,
		Created:     at,
		Ended:       at,
		Updated:     at,
	})
	tx.PutAttempt(state.Attempt{Run: id("r", n), Number: 1, State: state.AttemptSucceeded, Created: at, Ended: at})
	for w := range n % 3 {
		tx.PutWorker(state.Worker{
			ID: id("w", n*3+w), Run: id("r", n), Application: id("a", n%3), Attempt: 1, Number: uint32(w), Epoch: 1,
			Type: state.TypeDriver, State: state.WorkerEnded, Exit: state.Exit{Reason: state.ExitExited}, Ended: at,
		})
	}
}

// archived is a history on the disk, and the view of a state whose runs are all in it.
func archived(t testing.TB, parts ...[]int) (*History, *state.View) {
	t.Helper()
	store, err := OpenStore(t.TempDir())
	must(t, err)
	tx := ended().Begin()
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		view := ended(part...)
		made, err := store.Write(view, slices.Collect(view.Finished()))
		must(t, err)
		tx.PutSegment(made)
	}
	return New(&Replicas{Local: store, Peers: alone}), tx.Commit()
}

func alone() copies.Voters { return copies.Voters{Self: true, Majority: 1} }

// Whatever lies in which segment, a list has what is below an id, newest first, in as many calls as its bounds make of
// it.
func TestList_HasEveryRunOnceAcrossSegments(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := make([][]int, rapid.IntRange(1, 4).Draw(rt, "segments"))
		runs := rapid.IntRange(1, 80).Draw(rt, "runs")
		apart := rapid.IntRange(1, 40).Draw(rt, "apart") // so long lies a run in one segment after the other
		for n := range runs {
			part := n / apart % len(parts)
			parts[part] = append(parts[part], n)
		}
		h, view := archived(t, parts...)
		h.bounds = bounds{
			looked: rapid.IntRange(1, 100).Draw(rt, "looked"),
			read:   rapid.IntRange(1, 100).Draw(rt, "read"),
		}
		q := segment.Query{}
		if rapid.Bool().Draw(rt, "of an application") {
			q.Application = id("a", 1)
		}
		if rapid.Bool().Draw(rt, "with a prefix") {
			q.Prefix = id("r", rapid.IntRange(0, runs).Draw(rt, "which"))[:7]
		}
		before := rapid.IntRange(0, runs).Draw(rt, "before")
		var want []string
		for n := before - 1; n >= 0; n-- {
			if (q.Application == "" || n%3 == 1) && strings.HasPrefix(id("r", n), q.Prefix) {
				want = append(want, id("r", n))
			}
		}
		if got := listAll(rt, h, view, q, id("r", before)); !slices.Equal(got, want) {
			rt.Fatalf("it lists\n%v\nand not\n%v", got, want)
		}
	})
}

// listAll lists in as many calls as it takes.
func listAll(t *rapid.T, h *History, view *state.View, q segment.Query, before string) (ids []string) {
	for calls := 0; ; calls++ {
		if calls > 1000 {
			t.Fatal("it does not come to an end")
		}
		l := h.List(context.Background(), view, q, before)
		id, more, err := l.Head("")
		for ; err == nil && id != ""; id, more, err = l.Head("") {
			of, run, failed := l.Take()
			if failed != nil || run.ID != id || of.JobRun(id) != run {
				t.Fatalf("%s is %+v (%v)", id, run, failed)
			}
			ids = append(ids, id)
		}
		l.Close()
		if err != nil {
			t.Fatal(err)
		}
		if more == "" {
			return ids
		}
		if more >= before && calls > 0 {
			t.Fatalf("below %s it goes on below %s", before, more)
		}
		before = more
	}
}

// Pages of workers by the beginning of their ids have each of them once.
func TestWorkersWithin_HasEveryWorkerOnce(t *testing.T) {
	h, view := archived(t, []int{1, 2, 5, 8}, []int{3, 4, 7}, []int{0})
	all := ended(0, 1, 2, 3, 4, 5, 7, 8)
	var want, got []string
	for w := range all.WorkersWithin("01", "") {
		want = append(want, w.ID)
	}
	for after := ""; ; {
		page, through, err := h.WorkersWithin(t.Context(), view, "01", after, 2)
		must(t, err)
		for w := range page.WorkersWithin("01", after) {
			if through == "" || w.ID <= through {
				got = append(got, w.ID)
			}
		}
		if after = through; through == "" {
			break
		}
	}
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("it has\n%v\nand not\n%v", got, want)
	}
}

func TestRecall_FindsRunsAndWorkersAndNothingElse(t *testing.T) {
	h, view := archived(t, []int{1, 2, 5}, []int{3, 4})
	for n := range 7 {
		recalled, err := h.Recall(t.Context(), view, id("r", n))
		must(t, err)
		if there := recalled.JobRun(id("r", n)) != nil; there != (n >= 1 && n <= 5) {
			t.Errorf("run %d is there: %t", n, there)
		}
	}
	recalled, err := h.RecallWorker(t.Context(), view, id("w", 7))
	must(t, err)
	if recalled.Worker(id("w", 7)).Run != id("r", 2) || h.SubmittedBy(t.Context(), view, id("r", 4)) != "ann" {
		t.Error("a worker's run, or who submitted a run, is not found")
	}
	for _, word := range []string{"", "x", "../../etc/passwd", strings.Repeat("z", 26)} {
		same, err := h.RecallWorker(t.Context(), view, word)
		if err != nil || same != view {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// Only what the log does not name goes, and only if it had time to.
func TestSweep_RemovesWhatTheLogDoesNotName(t *testing.T) {
	h, view := archived(t, []int{1}, []int{2})
	local := h.replicas.Local
	kept := slices.Collect(view.Segments(""))[0]
	tx := view.Begin()
	for of := range view.Segments("") {
		must(t, local.MakeIndex(of.Name()))
		if of != kept {
			tx.RemoveSegment(of.Name())
		}
	}
	now := tx.Commit()
	if n, err := local.Sweep(now, time.Now()); n != 0 || err != nil {
		t.Errorf("%d go at once (%v)", n, err)
	}
	if n, err := local.Sweep(now, time.Now().Add(2*fresh)); n != 1 || err != nil {
		t.Errorf("%d go (%v)", n, err)
	}
	left, err := os.ReadDir(local.dir)
	if err != nil || len(left) != 2 || !local.Has(kept) || !local.hasIndex(kept.Name()) {
		t.Errorf("%v is left (%v)", left, err)
	}
}

// door decides on a view that it has.
type door struct {
	machine *fsm.Machine
	now     time.Time
	limits  command.Limits
	before  func() // of the next decision; nil: nothing happens
}

func (d *door) View() *state.View { return d.machine.View() }
func (d *door) Now() time.Time    { return d.now }

func (d *door) Execute(_ context.Context, decide consensus.Decision) (consensus.Applied, error) {
	if before := d.before; before != nil {
		d.before = nil
		before()
	}
	events, err := decide(d.View(), command.Meta{Now: d.now, Limits: d.limits})
	if err != nil || len(events) == 0 {
		return consensus.Applied{}, err
	}
	return consensus.Applied{}, d.apply(events...)
}

func (d *door) apply(events ...*eventv1.Event) error {
	next := d.View().Sequence + 1
	record := &eventv1.Record{Sequence: next, TimeUnixNano: state.Nano(d.now), Events: events}
	if !d.machine.Apply(record) {
		return errors.New("the record is void")
	}
	return d.View().Check()
}

// archiver is one on a state with some runs, and its door.
func archiver(t *testing.T, view *state.View) (*Archiver, *door) {
	t.Helper()
	store, err := OpenStore(t.TempDir())
	must(t, err)
	d := &door{machine: machineOf(t, view), now: began.Add(time.Hour), limits: command.DefaultLimits()}
	return &Archiver{
		Door:     d,
		Replicas: &Replicas{Local: store, Peers: alone},
		Limits:   d.limits,
		Log:      slog.New(slog.DiscardHandler),
	}, d
}

func machineOf(t *testing.T, view *state.View) *fsm.Machine {
	t.Helper()
	m := fsm.New()
	pipe := &strings.Builder{}
	must(t, fsm.WriteSnapshot(pipe, view))
	must(t, m.Restore(strings.NewReader(pipe.String())))
	return m
}

func TestArchiver_MovesWhatEndedLongAgoTogether(t *testing.T) {
	a, d := archiver(t, ended(1, 2, 3, 4))
	d.now = began.Add(time.Hour + 2500*time.Millisecond)
	must(t, a.look(t.Context(), d.now)) // 1 and 2 ended an hour ago
	if n := d.View().CountFinished(); n != 2 {
		t.Fatalf("%d stay, not 2", n)
	}
	d.now = d.now.Add(time.Minute)
	must(t, a.look(t.Context(), d.now))
	if n := d.View().CountFinished(); n != 2 {
		t.Fatalf("%d stay: the others did not wait for more of them", n)
	}
	d.now = d.now.Add(longestGather)
	must(t, a.look(t.Context(), d.now))
	all := d.View().HistoryTotals()
	if d.View().CountFinished() != 0 || all.Segments != 2 || all.Runs != 4 {
		t.Errorf("%d stay, %+v", d.View().CountFinished(), all)
	}
	d.now = d.now.Add(a.Limits.HistoryRetention + time.Hour)
	must(t, a.look(t.Context(), d.now))
	if all := d.View().HistoryTotals(); all != (state.HistoryTotals{}) {
		t.Errorf("%+v is kept for too long", all)
	}
}

func TestArchiver_MovesTheOldestIfThereAreTooMany(t *testing.T) {
	a, d := archiver(t, ended(1, 2, 3, 4))
	d.now = began.Add(time.Minute)
	a.Limits.Finished = 3
	must(t, a.look(t.Context(), d.now))
	if n := d.View().CountFinished(); n > 3 {
		t.Errorf("%d stay, and 3 may", n)
	}
}

// A run whose tags change while its segment is written is not lost: it is written again.
func TestArchiver_WritesAgainWhatChangedMeanwhile(t *testing.T) {
	a, d := archiver(t, ended(1, 2))
	d.now = began.Add(2 * time.Hour)
	d.before = func() {
		tagged := &eventv1.JobRunTagged{JobRunId: id("r", 1), Set: map[string]string{"k": "v"}}
		must(t, d.apply(&eventv1.Event{Fact: &eventv1.Event_JobRunTagged{JobRunTagged: tagged}}))
	}
	if err := a.look(t.Context(), d.now); !errs.Is(err, errs.Refused) || d.View().CountFinished() != 2 {
		t.Errorf("%d stay after %v", d.View().CountFinished(), err)
	}
	if n, err := a.Replicas.Local.Sweep(d.View(), time.Now().Add(2*fresh)); n != 1 || err != nil {
		t.Errorf("%d segments that the log does not name are swept (%v)", n, err)
	}
	d.now = d.now.Add(time.Hour)
	must(t, a.look(t.Context(), d.now))
	recalled, err := New(a.Replicas).Recall(t.Context(), d.View(), id("r", 1))
	must(t, err)
	if run := recalled.JobRun(id("r", 1)); run == nil || run.Spec.GetTags()["k"] != "v" {
		t.Errorf("it is %+v", run)
	}
}

// Nothing leaves before a second server has the segment. Meanwhile it is not written again and again.
func TestArchiver_NothingLeavesWithoutASecondCopy(t *testing.T) {
	a, d := archiver(t, ended(1, 2))
	d.now = began.Add(2 * time.Hour)
	for name, others := range map[string][]grpc.ClientConnInterface{"away": {away{}}, "not known yet": nil} {
		a.Replicas.Peers = func() copies.Voters { return copies.Voters{Others: others, Self: true, Majority: 2} }
		if err := a.look(t.Context(), d.now); !errs.Is(err, errs.Unavailable) || d.View().CountFinished() != 2 {
			t.Errorf("the second server is %s: %d stay after %v", name, d.View().CountFinished(), err)
		}
	}
	first := a.made.segment
	a.Replicas.Peers = alone
	must(t, a.look(t.Context(), d.now))
	if d.View().Segment(first.Name()) == nil {
		t.Errorf("the segment that was written is not the one that is named")
	}
}

// away is a server that does not answer.
type away struct{}

var errGone = errs.New(errs.Unavailable, "it is gone")

func (away) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return errGone }

func (away) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errGone
}
