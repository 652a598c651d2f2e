package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// A node that is refused for what it is tries on, and says once why: else nobody would know, or the log would be full of it.
func TestRefused_IsSaidOnceUntilItChanges(t *testing.T) {
	var log bytes.Buffer
	a := &Agent{config: Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}}
	forbidden := grpcerr.ToStatus(errs.New(errs.Forbidden, "the certificate is for another node"))
	for range 3 {
		a.refused("leader", forbidden)
		a.refused("leader", grpcerr.ToStatus(errs.New(errs.NotLeader, "this server does not lead")))
	}
	if n := strings.Count(log.String(), "another node"); n != 1 || strings.Contains(log.String(), "does not lead") {
		t.Errorf("said %d times: %s", n, log.String())
	}
	a.refused("leader", grpcerr.ToStatus(errs.New(errs.Conflict, "it is here as another")))
	a.refused("leader", forbidden)
	if n := strings.Count(log.String(), "level=ERROR"); n != 3 {
		t.Errorf("%d refusals were said: %s", n, log.String())
	}
}
