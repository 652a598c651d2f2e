package consensus

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/hashicorp/raft"
)

// A server that is away is logged once a minute, not at every heartbeat, and apart from others that are.
func TestC6_AServerThatIsAwayIsLoggedSeldom(t *testing.T) {
	var out bytes.Buffer
	log := newRaftLog(slog.New(slog.NewTextHandler(&out, nil)))
	for range 100 {
		log.Error("failed to heartbeat to", "peer", "10.0.0.2:7402", "error", "connection refused")
		log.Error("failed to heartbeat to", "peer", "10.0.0.3:7402", "error", "connection refused")
		log.Warn("failed to contact", "server-id", raft.ServerID("server-2"), "time", "510ms")
		log.Info("entering follower state")
	}
	for message, times := range map[string]int{"heartbeat": 2, "failed to contact": 1, "follower": 100} {
		if n := strings.Count(out.String(), message); n != times {
			t.Errorf("%q is logged %d times, want %d", message, n, times)
		}
	}
}
