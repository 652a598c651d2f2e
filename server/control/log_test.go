package control

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster/solo"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/peers"
)

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
	for range peers.MaxStreamsEach {
		follow(as(ctx, "eve"))
	}
	solo.Eventually(t, "eve to have her share", func() bool { return s.api.streams.Reserved() == peers.MaxStreamsEach })
	_, err = follow(as(ctx, "eve")).Recv()
	wantError(t, err, errs.Overloaded, "", "8 streams of it for this client")
	follow(ctx) // an operator
	solo.Eventually(
		t,
		"another's to be read",
		func() bool { return s.api.streams.Reserved() == peers.MaxStreamsEach+1 },
	)
	cancel()
	solo.Eventually(t, "the streams to end", func() bool { return s.api.streams.Reserved() == 0 })
}

func TestReadLog_WhoTakesNothingLosesItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		defer close(gone)
		begun := time.Now()
		err := inTime(maxSend, func() error { <-gone; return nil })
		if !errs.Is(err, errs.Overloaded) || time.Since(begun) != maxSend {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		if err := inTime(maxSend, func() error {
			<-time.After(maxSend / 2)
			return io.ErrClosedPipe
		}); err != io.ErrClosedPipe {
			t.Errorf("a slow reader gets %v", err)
		}
	})
}
