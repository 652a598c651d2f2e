package fsm_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// TestApplyEvents_StopsAtFactsThatDoNotFit: a fact that contradicts the state means that this replica is wrong, so it
// panics with what it saw. The state is that of a run which is placed on n1.
func TestApplyEvents_StopsAtFactsThatDoNotFit(t *testing.T) {
	for said, fact := range map[string]proto.Message{
		"the cluster already is":   &eventv1.ClusterInitialized{ClusterId: "c2"},
		"application app is there": &eventv1.ApplicationCreated{ApplicationId: "app"},
		"there is no application":  &eventv1.ApplicationStateChanged{ApplicationId: "none"},
		"is STARTED, not": &eventv1.ApplicationStateChanged{
			ApplicationId: "app",
			From:          eventv1.ApplicationState_APPLICATION_STATE_STOPPED,
		},
		"run run is there":             &eventv1.JobRunSubmitted{JobRunId: "run", ApplicationId: "app"},
		"there is no run none":         &eventv1.JobRunEnded{JobRunId: "none"},
		"run done is over":             &eventv1.JobRunCancelRequested{JobRunId: "done"},
		"cannot be admitted":           &eventv1.JobRunAdmitted{JobRunId: "run"},
		"so 3 is not the next":         &eventv1.AttemptCreated{JobRunId: "run", Attempt: 3},
		"cannot be scheduled":          &eventv1.AttemptScheduled{JobRunId: "run", Attempt: 1},
		"is WAITING and cannot run":    &eventv1.AttemptRunning{JobRunId: "waits", Attempt: 1},
		"cannot be returned":           &eventv1.AttemptReturned{JobRunId: "waits", Attempt: 1},
		"attempt 1 of run done is":     &eventv1.AttemptEnded{JobRunId: "done", Attempt: 1},
		"has no attempt 9":             &eventv1.WorkersPlaced{JobRunId: "run", Attempt: 9},
		"do not fit on node n1":        placedOn("n1", "w900", 100),
		"worker w002 is there already": placedOn("n1", "w002", 1),
		"fit on node none":             placedOn("none", "w900", 1),
		"no live worker none":          &eventv1.WorkerRunning{WorkerId: "none"},
		"cannot have starved at 0":     &eventv1.WorkerStarved{WorkerId: "w002"},
		"cannot begin to run":          &eventv1.WorkerRunning{WorkerId: "w002"},
		"no live worker w001":          &eventv1.WorkerEnded{WorkerId: "w001"},
		"there is no node none":        &eventv1.NodeLost{NodeId: "none"},
	} {
		t.Run(said, func(t *testing.T) { wantPanic(t, said, func() { applyTo(placedRun(t), event.Wrap(fact)) }) })
	}
}

func placedOn(node, id string, cpu int64) *eventv1.WorkersPlaced {
	size := &eventv1.WorkerSize{Resources: &eventv1.Resources{MilliCpu: 1000 * cpu}}
	return &eventv1.WorkersPlaced{
		JobRunId: "run",
		Attempt:  1,
		NodeId:   node,
		Size:     size,
		Workers:  []*eventv1.PlacedWorker{{WorkerId: id, Number: 7, Epoch: 1}},
	}
}

// placedRun has run in RUNNING with its driver w002, done in SUCCESS, and waits in PENDING.
func placedRun(t *testing.T) *state.View {
	s := newTeller(t)
	tellAll(s, []string{
		"init", "node n1 zone=a cpu=8 mem=32 disk=200", "create app auto", "submit run app",
		"place run driver=n1",
		"running run/0",
		"submit done app", "place done driver=n1", "running done/0", "exit done/0", "submit waits app",
	})
	return s.machine.View()
}

func applyTo(view *state.View, event *eventv1.Event) *state.View {
	return fsm.ApplyEvents(view,
		&eventv1.Record{
			Sequence:     view.Sequence + 1,
			TimeUnixNano: state.Nano(view.Time),
			Events:       []*eventv1.Event{event},
		})
}

func TestApplyEvents_StopsAtAnEventThatItDoesNotKnow(t *testing.T) {
	wantPanic(t, "does not know", func() { applyTo(state.New(), &eventv1.Event{}) })
}

func wantPanic(t *testing.T, said string, do func()) {
	t.Helper()
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, said) {
			t.Errorf("panics with %q, which does not say %q", text, said)
		}
	}()
	do()
}

func TestApplyEvents_LeavesTheViewAsItWas(t *testing.T) {
	before := placedRun(t)
	text := dump(t, before)
	applyTo(before, event.Wrap(&eventv1.WorkerEnded{WorkerId: "w002", Exit: &eventv1.Exit{}}))
	if dump(t, before) != text {
		t.Error("applying a record changed the view that it was applied to")
	}
}

// TestDraft_SeesWhatTheRecordWillBe: a decision's scratch copy is the state that the log gives.
func TestDraft_SeesWhatTheRecordWillBe(t *testing.T) {
	view := placedRun(t)
	d := fsm.NewDraft(view, view.Time)
	d.Add(&eventv1.WorkerEnded{WorkerId: "w002", Exit: &eventv1.Exit{Reason: eventv1.ExitReason_EXIT_REASON_EXITED}})
	d.Add(&eventv1.AttemptEnded{JobRunId: "run", Attempt: 1, State: eventv1.AttemptState_ATTEMPT_STATE_SUCCEEDED})
	d.Add(&eventv1.JobRunEnded{JobRunId: "run", State: eventv1.JobRunState_JOB_RUN_STATE_SUCCESS})
	record := &eventv1.Record{Sequence: view.Sequence, TimeUnixNano: state.Nano(view.Time), Events: d.Events()}
	if got := dump(t, fsm.ApplyEvents(view, encoded(t, record))); got != dump(t, d.View()) {
		t.Errorf("the draft has\n%s\nthe log gives\n%s", dump(t, d.View()), got)
	}
}

func TestDigest_DiffersWhenARowDiffers(t *testing.T) {
	view := placedRun(t)
	changed := applyTo(view, event.Wrap(&eventv1.JobRunCancelRequested{JobRunId: "waits", GraceSeconds: 1}))
	if fsm.Digest(view) == fsm.Digest(changed) {
		t.Error("a changed row does not change the digest")
	}
}
