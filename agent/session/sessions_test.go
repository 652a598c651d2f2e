package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// A node that is refused for what it is tries on, and says once why: else nobody would know, or the log would be full
// of it.
func TestRefused_IsSaidOnceUntilItChanges(t *testing.T) {
	var log bytes.Buffer
	s := New(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	forbidden := grpcerr.ToStatus(errs.New(errs.Forbidden, "the certificate is for another node"))
	for range 3 {
		s.refused("leader", forbidden, nil)
		s.refused("leader", grpcerr.ToStatus(errs.New(errs.NotLeader, "this server does not lead")), nil)
	}
	if n := strings.Count(log.String(), "another node"); n != 1 || strings.Contains(log.String(), "does not lead") {
		t.Errorf("said %d times: %s", n, log.String())
	}
	s.refused("leader", grpcerr.ToStatus(errs.New(errs.Conflict, "it is here as another")), nil)
	s.refused("leader", forbidden, nil)
	if n := strings.Count(log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d refusals were said: %s", n, log.String())
	}
}

// hopeless is a connection that can never stand.
type hopeless struct{ called func() }

var errHopeless = errors.New("its certificate is of another authority")

func (h hopeless) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	h.called()
	return status.Error(codes.Unavailable, "no connection")
}

func (h hopeless) NewStream(
	context.Context, *grpc.StreamDesc, string, ...grpc.CallOption,
) (grpc.ClientStream, error) {
	h.called()
	return nil, status.Error(codes.Unavailable, "no connection")
}

func (hopeless) Refused() bool { return false }
func (hopeless) Cause() error  { return errHopeless }
func (hopeless) Close() error  { return nil }

// still is a node without workers, on which no time passes.
type still struct{}

func (still) Now() runtime.Instant            { return 1 }
func (still) LeaseDeadline() runtime.Instant  { return 0 }
func (still) MoveLease(runtime.Instant) error { return nil }

// sessionsWith holds sessions with servers to which no connection stands; called is called with every call.
func sessionsWith(t *testing.T, log io.Writer, called func()) *Sessions {
	t.Helper()
	known, err := servers.New(servers.Config{
		DataDir:    t.TempDir(),
		Configured: []string{"leader"},
		Dial:       func(string, string) (servers.Connection, error) { return hopeless{called}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{
		Servers: known,
		Lease:   lease.New(0, still{}),
		Logger:  slog.New(slog.NewTextHandler(log, nil)),
	})
	s.taken = time.Now().Add(-time.Hour)
	return s
}

// Why no connection stands is said also of one on which no session could be begun.
func TestHold_SaysWhyNoConnectionStands(t *testing.T) {
	var log bytes.Buffer
	s := sessionsWith(t, &log, func() {})
	s.hold(t.Context(), "leader")
	if said := log.String(); !strings.Contains(said, "level=WARN") || !strings.Contains(said, errHopeless.Error()) {
		t.Errorf("it says %q", said)
	}
}

// An agent that is told to end has not been refused by anybody.
func TestSessions_WhatIsCutOffAtTheEndIsNoRefusal(t *testing.T) {
	for name, end := range map[string]func(context.Context, *Sessions) error{
		"a session": func(ctx context.Context, s *Sessions) error { s.hold(ctx, "leader"); return nil },
		"a search":  func(ctx context.Context, s *Sessions) error { return s.Run(ctx) },
	} {
		var log bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if err := end(ctx, sessionsWith(t, &log, cancel)); err != nil || log.Len() > 0 || ctx.Err() == nil {
			t.Errorf("%s: %v, and it says %q", name, err, log.String())
		}
	}
}

func TestTroubleOf_IsWhatTheAgentItselfEndedFor(t *testing.T) {
	s := &session{registered: true}
	for want, err := range map[bool]error{
		true:  status.Error(codes.ResourceExhausted, "larger than max"),
		false: status.Error(codes.Unavailable, "gone"),
	} {
		if said := troubleOf(t.Context(), s, err); (said != "") != want {
			t.Errorf("%v: %q", err, said)
		}
	}
	if said := troubleOf(t.Context(), s, errSilent); said != "" {
		t.Errorf("of silence it says %q", said)
	}
}
