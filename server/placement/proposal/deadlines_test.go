package proposal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// TestDeadlines_AreThoseOfALookAtEveryRun changes runs and applications at random while time passes, and compares which
// runs are overdue with what a walk over all of them finds.
func TestDeadlines_AreThoseOfALookAtEveryRun(t *testing.T) {
	limits := command.Limits{Submitted: time.Second, Pending: 2 * time.Second, Scheduled: 3 * time.Second}
	rapid.Check(t, func(t *rapid.T) {
		view := state.New()
		d := NewDeadlines(limits, func(_ string, work func()) { work() })
		d.Fill(view)
		now := start
		for range rapid.IntRange(1, 30).Draw(t, "rounds") {
			var changes []*state.Changes
			for range rapid.IntRange(0, 3).Draw(t, "records") {
				tx := view.Begin()
				tx.Advance(view.Sequence+1, now)
				for range rapid.IntRange(1, 3).Draw(t, "rows") {
					changeRow(t, tx, now)
				}
				view = tx.Commit()
				changes = append(changes, view.Changes())
			}
			d.Follow(view, changes)
			now = now.Add(rapid.SampledFrom([]time.Duration{0, 1, time.Second, time.Second + 1, time.Minute}).Draw(t, "pass"))
			kept := slices.Sorted(slices.Values(d.Overdue(now, 0)))
			if want := overdue(view, now, limits); !slices.Equal(kept, want) {
				t.Fatalf("%v are overdue, a walk finds %v", kept, want)
			}
		}
	})
}

func changeRow(t *rapid.T, tx *state.Tx, now time.Time) {
	application := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "application")
	if rapid.IntRange(0, 3).Draw(t, "what") == 0 || tx.View().Application(application) == nil {
		queue := time.Duration(rapid.IntRange(0, 3).Draw(t, "queue")) * time.Second
		tx.PutApplication(state.Application{ID: application, Terms: state.Terms{QueueTimeout: queue}})
		return
	}
	id := fmt.Sprint(application, rapid.IntRange(1, 3).Draw(t, "run"))
	old := tx.View().JobRun(id)
	if old != nil && old.State.Terminal() {
		tx.RemoveJobRun(id)
		return
	}
	run := state.JobRun{ID: id, Application: application, Entered: now, Ended: now}
	run.State = rapid.SampledFrom([]state.JobRunState{
		state.RunSubmitted, state.RunQueued, state.RunPending, state.RunScheduled, state.RunRunning,
		state.RunCancelling, state.RunSuccess,
	}).Draw(t, "state")
	if rapid.Bool().Draw(t, "started") {
		run.Started = now
		run.Spec = specv1.JobRun_builder{ExecutionTimeoutMinutes: new(int64(1))}.Build()
	}
	tx.PutJobRun(run)
}

func overdue(view *state.View, now time.Time, limits command.Limits) (ids []string) {
	for run := range view.Unfinished("") {
		if command.Overdue(view, run, now, limits) {
			ids = append(ids, run.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
