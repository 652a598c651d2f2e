package session

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// That no server takes a node is said once it lasts, with the cause, then with back-off; at once if the cause changes.
func TestC6_AnAgentThatNobodyTakesSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := New(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		s.silent = whySilent([]string{"a:1", "b:2"}, []said{{why: errRefused}, {why: errors.New("no such host")}})
		for range 3600 { // an hour, as it asks
			s.tellUntaken("")
			<-time.After(time.Second)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 6 { // at 3 s, then after 1, 2, 4, 8 and 16 minutes
			t.Errorf("it was said %d times in an hour:\n%s", n, log.String())
		}
		for _, cause := range []string{"a:1: it refuses the connection", "b:2: no such"} {
			if !strings.Contains(log.String(), cause) {
				t.Errorf("%q is missing: %s", cause, log.String())
			}
		}
		log.Reset()
		s.silent = nil
		s.tellUntaken("")
		if !strings.Contains(log.String(), "know no leader") {
			t.Errorf("another cause is not told: %s", log.String())
		}
	})
}

// A short absence of all servers is no news.
func TestC6_AnElectionIsNotSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := New(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		s.tellUntaken("")
		<-time.After(untakenAfter - time.Millisecond)
		s.tellUntaken("")
		s.refused("leader", grpcerr.ToStatus(errs.New(errs.NotLeader, "not me")), nil)
		if log.Len() > 0 {
			t.Error(log.String())
		}
	})
}
