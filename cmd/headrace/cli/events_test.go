package cli

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// watchedWith returns a server whose answers begin with a header; it sends one event.
func watchedWith(header metadata.MD) *clusterfake.Server {
	return &clusterfake.Server{Watch: func(
		_ *controlv1.WatchEventsRequest, s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
	) error {
		if err := s.SendHeader(header); err != nil {
			return err
		}
		_ = s.Send(&controlv1.WatchEventsResponse{Kind: "NodeLost", Time: ago(0), Next: &controlv1.Position{Record: 2}})
		<-s.Context().Done()
		return nil
	}}
}

// A server of an older version begins with what comes next, however long ago was asked for: that is no answer.
func TestD4_EventsSinceATimeAreRefusedByAnOlderServer(t *testing.T) {
	address := watchedWith(nil).Start(t)
	r := command(t.Context(), address, "events", "--since", "10m")
	if !errs.Is(r.failed, errs.Invalid) || !strings.Contains(r.failed.Error(), "--since: cannot be given to a server of") {
		t.Errorf("%v: %s", r.failed, r.out.String())
	}
}

func TestD4_EventsSinceATimeSayWhatIsNoLongerKept(t *testing.T) {
	for _, kept := range []string{"", "2026-03-14T15:00:00Z"} {
		header := metadata.Pairs(sinceKey, "600")
		want := ""
		if kept != "" {
			header.Set(keptFromKey, kept)
			want = "events from before " + kept + " are no longer kept\n"
		}
		ctx, cancel := context.WithCancel(t.Context())
		r := &ran{}
		env := testEnv(r, watchedWith(header).Start(t))
		env.Out = &interrupter{to: &r.out, at: "NodeLost", interrupt: cancel}
		runIn(ctx, r, env, "events", "--since", "10m")
		cancel()
		if r.failed != nil || r.err.String() != want || !strings.Contains(r.out.String(), "NodeLost") {
			t.Errorf("%v: %q, %q", r.failed, r.err.String(), r.out.String())
		}
	}
}
