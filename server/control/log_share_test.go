package control

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/places"
	"github.com/headrace/headrace/internal/testcluster/solo"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// nowhere is a place of logs that has none.
type nowhere struct{}

func (nowhere) Stat(context.Context, string) (int64, error) {
	return 0, errs.New(errs.NotFound, "nothing is here")
}
func (nowhere) Read(context.Context, string, int64) (io.ReadCloser, error) {
	return nil, errs.New(errs.NotFound, "nothing is here")
}

// reads reads a stored log for a client, and returns why it is refused.
func reads(t *testing.T, c *Control, client string) (refused error) {
	t.Helper()
	run := &state.JobRun{ID: "r", Application: "a", Spec: processRun("a").GetSpec()}
	read := c.storedLog(
		client,
		func(err error) error { refused = err; return err },
		state.New(),
		run,
		&state.Worker{ID: "w", Run: "r"},
		"stdout",
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
		c := &Control{
			cfg:         Config{Dispatch: &dispatch.Dispatch{}, LogPlace: func(string) logs.Place { return nowhere{} }},
			storedReads: places.New(maxStored, storedEach),
		}
		for range storedEach {
			c.storedReads.Take("eve")
		}
		if err := reads(t, c, "eve"); !errs.Is(err, errs.Overloaded) ||
			!strings.Contains(err.Error(), "8 that are stored are being read by this client, or 64 by all") {
			t.Errorf("beyond her share: %v", err)
		}
		if err := reads(t, c, "ann"); err != nil || c.storedReads.Taken() != storedEach {
			t.Errorf("another: %v, %d are taken", err, c.storedReads.Taken())
		}
	})
}

// Followers of one user's log took all data streams of a node.
func TestReadLog_OneUserLeavesOthersTheStreamsOfANode(t *testing.T) {
	s := serve(t)
	s.leads()
	node := s.agent("n1", func(*agentv1.DataResponse) *agentv1.DataRequest { return nil })
	application := s.create(nil)
	run, err := s.StartJobRun(as(t.Context(), "eve"), processRun(application))
	must(t, err)
	id := run.GetJobRun().GetJobRunId()
	s.run(id, node)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	follow := func(ctx context.Context) grpc.ServerStreamingClient[controlv1.ReadLogResponse] {
		stream, err := s.ReadLog(
			ctx,
			&controlv1.ReadLogRequest{ApplicationId: application, JobRunId: id, Stream: "stdout", Follow: true},
		)
		must(t, err)
		return stream
	}
	for range dataEach {
		follow(as(ctx, "eve"))
	}
	solo.Eventually(t, "eve to have her share", func() bool { return s.api.dataReads.Taken() == dataEach })
	_, err = follow(as(ctx, "eve")).Recv()
	wantError(t, err, errs.Overloaded, "", "8 streams of it for this client")
	follow(ctx) // an operator
	solo.Eventually(t, "another's to be read", func() bool { return s.api.dataReads.Taken() == dataEach+1 })
	cancel()
	solo.Eventually(t, "the streams to end", func() bool { return s.api.dataReads.Taken() == 0 })
}

func TestReadLog_WhoTakesNothingLosesItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		defer close(gone)
		begun := time.Now()
		err := inTime(logTaken, func() error { <-gone; return nil })
		if !errs.Is(err, errs.Overloaded) || time.Since(begun) != logTaken {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		if err := inTime(logTaken, func() error {
			<-time.After(logTaken / 2)
			return io.ErrClosedPipe
		}); err != io.ErrClosedPipe {
			t.Errorf("a slow reader gets %v", err)
		}
	})
}
