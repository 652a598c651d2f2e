package solo

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/server/consensus"
)

// Door starts the consensus of one server and waits until it leads. It ends with the test.
func Door(t testing.TB, adjust func(*consensus.Config)) *consensus.Consensus {
	t.Helper()
	config := consensus.DefaultConfig()
	config.ServerID = "server-1"
	config.DataDir = t.TempDir()
	config.Listen = freeAddress(t)
	config.Log = slog.New(slog.DiscardHandler)
	config.HeartbeatTimeout = 100 * time.Millisecond
	config.ElectionTimeout = 100 * time.Millisecond
	config.LeaseTimeout = 50 * time.Millisecond
	if adjust != nil {
		adjust(&config)
	}
	door, err := consensus.Open(config, fsm.New())
	must(t, err)
	leads := make(chan struct{}, 16)
	door.OnLeadership("test", func(context.Context, uint64) error { leads <- struct{}{}; return nil })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- door.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	must(t, door.Bootstrap([]consensus.Server{{ID: config.ServerID, Address: config.Listen}}))
	<-leads
	return door
}

// freeAddress finds an address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
