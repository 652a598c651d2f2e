package routing

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/logging"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
)

// What is logged of a call says which one it was, and which run it was about.
func TestBegin_MessagesNameTheRequestAndTheRun(t *testing.T) {
	const id = "01k0000000000000000000000a"
	ctx := caller.With(t.Context(), caller.Local())
	ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(RequestIDKey, "request-7"))
	request := &controlv1.CancelJobRunRequest{JobRunId: id}
	ctx, err := begin(ctx, "/headrace.control.v1.JobRunService/CancelJobRun", request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	logging.New(&out, logging.Text, slog.LevelInfo).ErrorContext(ctx, "call failed")
	if !strings.Contains(out.String(), "run="+id) || !strings.Contains(out.String(), "request_id=request-7") {
		t.Errorf("logged %q", out.String())
	}
}

// A text that is no id, however long, does not get into the log.
func TestAbout_NamesOnlyIDs(t *testing.T) {
	ctx := about(t.Context(), &controlv1.GetJobRunRequest{JobRunId: strings.Repeat("x", 1000)})
	var out bytes.Buffer
	logging.New(&out, logging.Text, slog.LevelInfo).InfoContext(ctx, "m")
	if strings.Contains(out.String(), "run=") {
		t.Errorf("logged %.100q", out.String())
	}
}
