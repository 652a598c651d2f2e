package control

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// An attempt that was over was said to have no worker yet, and to wait for something.
func TestD3_LogOfAnAttemptWithoutAWorkerSaysSo(t *testing.T) {
	s := serve(t)
	application := s.create(nil)
	run := s.submit(application, nil)
	read := func(number uint32) error {
		request := &controlv1.ReadLogRequest{
			ApplicationId: application,
			JobRunId:      run,
			Stream:        "stdout",
			WorkerNumber:  number,
		}
		stream, err := s.ReadLog(t.Context(), request)
		must(t, err)
		_, err = stream.Recv()
		return err
	}
	wantError(t, read(0), errs.NotFound, "", "no worker 0 yet", "explain")
	_, err := s.CancelJobRun(t.Context(), &controlv1.CancelJobRunRequest{ApplicationId: application, JobRunId: run})
	must(t, err)
	wantError(t, read(0), errs.NotFound, "", "attempt 1", "CANCELLED before it had a worker", "no log")
}

func TestD3_LogOfAWorkerThatNeverStartedSaysSo(t *testing.T) {
	gone := errs.New(errs.NotFound, "cannot read the log: no such file")
	w := &state.Worker{
		Number:  2,
		Attempt: 1,
		State:   state.WorkerEnded,
		Exit:    state.Exit{Reason: state.ExitNodeLost, Message: "node n-1 was lost"},
	}
	wantError(t, neverStarted(w, gone), errs.NotFound, "", "worker 2", "never started", "NODE_LOST", "node n-1 was lost")
	w.State = state.WorkerPlaced
	if err := neverStarted(w, gone); err != gone { //nolint:errorlint // the same error
		t.Errorf("a worker that may still start: %v", err)
	}
}
