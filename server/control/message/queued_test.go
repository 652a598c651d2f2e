package message

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A run that waits for a place of its application shows how long by now, alone and in lists.
func TestA12_AQueuedRunShowsHowLongItWaits(t *testing.T) {
	entered := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	program := specv1.JobDriver_builder{Process: specv1.Process_builder{Command: []string{"work"}}.Build()}
	tx := state.New().Begin()
	tx.PutApplication(state.Application{ID: "a"})
	tx.PutJobRun(state.JobRun{
		ID:          "r",
		Application: "a",
		State:       state.RunQueued,
		Attempt:     1,
		Entered:     entered,
		Spec:        specv1.JobRun_builder{Driver: program.Build()}.Build(),
	})
	view := tx.Commit()
	now := entered.Add(2500 * time.Millisecond)
	whole := JobRunDetails(view, view.JobRun("r"), now).GetQueuedMilliseconds()
	short := Summary(view, view.JobRun("r"), now).GetQueuedMilliseconds()
	if whole != 2500 || short != 2500 {
		t.Errorf("alone it shows %d ms, in a list %d ms, not 2500", whole, short)
	}
}
