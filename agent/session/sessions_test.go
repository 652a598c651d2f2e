package session

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
