package logreader

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// nowhere is a place of logs that has none.
type nowhere struct{}

func (nowhere) Stat(context.Context, string) (int64, error) {
	return 0, errs.New(errs.NotFound, "nothing is here")
}

func (nowhere) List(context.Context, string) ([]logs.File, error) { return nil, nil }

func (nowhere) Read(context.Context, string, int64) (io.ReadCloser, error) {
	return nil, errs.New(errs.NotFound, "nothing is here")
}

// reads reads a stored log for a client, and returns why it is refused.
func reads(t *testing.T, r *Reader, client string) (refused error) {
	t.Helper()
	log := Log{
		Run:    &state.JobRun{ID: "r", Application: "a", Spec: &specv1.JobRun{}},
		Worker: &state.Worker{ID: "w", Run: "r"},
		Stream: "stdout",
	}
	read := r.storedLog(
		client,
		func(err error) error { refused = err; return err },
		state.New(),
		log,
	)
	if read == nil {
		t.Fatal("the log is taken nowhere")
	}
	_, _ = read(t.Context(), 0, nil)
	return refused
}

// Readers who took nothing held all places, and others waited for ever.
func TestStoredLog_OneClientLeavesOthersTheirPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(Config{
			Dispatch: &dispatch.Dispatch{},
			Backend:  func(string) logs.Backend { return nowhere{} },
		})
		for range maxStoredEach {
			r.stored.Take("eve")
		}
		if err := reads(t, r, "eve"); !errs.Is(err, errs.Overloaded) ||
			!strings.Contains(err.Error(), "8 that are stored are being read by this client, or 64 by all") {
			t.Errorf("beyond her share: %v", err)
		}
		if err := reads(t, r, "ann"); err != nil || r.stored.Taken() != maxStoredEach {
			t.Errorf("another: %v, %d are taken", err, r.stored.Taken())
		}
	})
}
