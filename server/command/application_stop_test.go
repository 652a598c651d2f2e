package command_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// An application may have a hundred thousand unfinished runs: stopping it takes as many steps as fit into records.
func TestStopApplication_ForceTakesSeveralStepsForManyRuns(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", bounded(5, 30)), &command.StartApplication{ApplicationID: "x"})
	for i := range 2500 {
		w.quickly(submit(fmt.Sprintf("run-%020d", i), 0, inX))
	}
	stop := &command.StopApplication{ApplicationID: "x", Force: true}
	steps := 0
	for steps, stop.More = 0, true; stop.More && steps < 10; steps++ {
		if size := w.quickly(stop); size > w.limits.StepBytes+1<<10 {
			t.Errorf("step %d has %d bytes", steps, size)
		}
	}
	if err := w.view.Check(); err != nil {
		t.Error(err)
	}
	application := w.view.Application("x")
	if steps < 3 || application.State != state.ApplicationStopped || w.view.HasUnfinished("x") {
		t.Errorf("after %d steps the application is %s", steps, application.State)
	}
}

// quickly decides and applies without checking every event, and returns the size of the events.
func (w *world) quickly(d decision) (bytes int) {
	w.t.Helper()
	events, err := w.when(d)
	if err != nil {
		w.t.Fatal(err)
	}
	record := &eventv1.Record{Sequence: w.view.Sequence + 1, TimeUnixNano: state.Nano(w.now), Events: events}
	w.view = fsm.ApplyEvents(w.view, record)
	return proto.Size(record)
}
