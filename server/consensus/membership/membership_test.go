package membership

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// server is everything that a server has of consensus, on loopback.
type server struct {
	raft   *consensus.Consensus
	gossip *gossip.Gossip
}

// start runs a server until the test ends. The first one has nobody to join.
func start(t *testing.T, id string, expect int, join ...string) *server {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	config := consensus.DefaultConfig()
	config.ServerID = id
	config.DataDir = t.TempDir()
	config.Listen = "127.0.0.1:0"
	config.Log = quiet
	raft, err := consensus.Open(config, fsm.New())
	must(t, err)
	self := gossip.Member{
		ServerID:        id,
		RaftAddress:     raft.Address(),
		LogVersion:      consensus.LogVersion,
		BootstrapExpect: expect,
	}
	talk, err := gossip.Open(gossip.Config{Bind: "127.0.0.1:0", Join: join, Self: self, Log: quiet})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var group errgroup.Group
	group.Go(func() error { return raft.Run(ctx) })
	group.Go(func() error { return talk.Run(ctx) })
	group.Go(func() error { return New(raft, talk, quiet).Run(ctx) })
	t.Cleanup(func() {
		cancel()
		must(t, group.Wait())
	})
	return &server{raft, talk}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(2 * time.Minute) // a loaded machine is slow
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (s *server) sees(n int) bool {
	servers, err := s.raft.Servers()
	id, _ := s.raft.Leader()
	return err == nil && len(servers) == n && id != ""
}

// Three servers that know one address begin a cluster, a fourth becomes a voter, and leaves for good.
func TestMembership_ThreeBeginAFourthJoinsAndLeaves(t *testing.T) {
	first := start(t, "a", 3)
	all := []*server{first, start(t, "b", 3, first.gossip.Address()), start(t, "c", 3, first.gossip.Address())}
	for i, s := range all {
		eventually(t, fmt.Sprintf("server %d to be in a cluster of three", i), func() bool { return s.sees(3) })
	}
	fourth := start(t, "d", 0, first.gossip.Address())
	eventually(t, "the fourth to be in", func() bool { return fourth.sees(4) })
	must(t, fourth.gossip.Leave())
	for i, s := range all {
		eventually(t, fmt.Sprintf("server %d to see it gone", i), func() bool { return s.sees(3) })
	}
}

func TestMembership_OneServerIsACluster(t *testing.T) {
	s := start(t, "a", 1)
	eventually(t, "leadership", func() bool { return s.raft.IsLeader() })
}
