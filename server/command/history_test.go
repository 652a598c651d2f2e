package command

import (
	"fmt"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// over is a state with so many runs that are over, one after the other, each with some workers.
func over(runs, workers int) *state.View {
	tx := state.New().Begin()
	tx.PutApplication(state.Application{ID: "app"})
	for n := range runs {
		at := time.Unix(int64(1_000_000+n), 0)
		run := fmt.Sprintf("run-%06d", n)
		tx.PutJobRun(state.JobRun{
			ID: run, Application: "app", State: state.RunSuccess, Attempt: 1, Ended: at, Spec: &specv1.JobRun{},
		})
		for w := range workers {
			tx.PutWorker(state.Worker{
				ID: fmt.Sprintf("%s-%d", run, w), Run: run, Attempt: 1, Number: uint32(w), State: state.WorkerEnded,
			})
		}
	}
	return tx.Commit()
}

func TestLeaving_IsWhatEndedLongAgoOrTooMuchAndFitsIntoASegment(t *testing.T) {
	limits := DefaultLimits()
	limits.Finished = 5000
	last := time.Unix(1_000_000, 0)
	for name, c := range map[string]struct {
		runs, workers int
		after         time.Duration // the first one's end
		want          int
		whole         bool
	}{
		"nothing is old":             {runs: 10, after: time.Minute},
		"three are old":              {runs: 10, after: time.Hour + 2500*time.Millisecond, want: 3},
		"too many":                   {runs: 5001, after: time.Minute, want: MaxSegmentRuns, whole: true},
		"more than fit":              {runs: 5000, after: 9 * time.Hour, want: MaxSegmentRuns, whole: true},
		"more workers than fit":      {runs: 30, workers: 999, after: 9 * time.Hour, want: 20, whole: true},
		"one that does not fit":      {runs: 2, workers: maxSegmentRows + 1, after: 9 * time.Hour, want: 1, whole: true},
		"one that fits, and no more": {runs: 1, workers: 3, after: 9 * time.Hour, want: 1},
	} {
		runs, whole := Leaving(over(c.runs, c.workers), last.Add(c.after), limits)
		if len(runs) != c.want || whole != c.whole {
			t.Errorf("%s: %d leave, whole: %t", name, len(runs), whole)
		}
	}
}

func TestLeaving_ARunStaysWhileAWorkerOfItLives(t *testing.T) {
	tx := over(2, 0).Begin()
	tx.PutWorker(state.Worker{ID: "w", Run: "run-000000", Attempt: 1, State: state.WorkerRunning})
	runs, _ := Leaving(tx.Commit(), time.Unix(2_000_000, 0), DefaultLimits())
	if len(runs) != 1 || runs[0].ID != "run-000001" {
		t.Errorf("%d leave", len(runs))
	}
}
