package gossip

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// patience bounds every wait of the tests.
const patience = 2 * time.Minute // a loaded machine gossips slowly

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}

// start opens and runs a server's gossip on loopback; the returned function ends it without a goodbye.
func start(t *testing.T, id string, key []byte, join ...string) (*Gossip, func()) {
	t.Helper()
	config := Config{Bind: "127.0.0.1:0", Join: join, SecretKey: key, Label: "test", Log: slog.New(slog.DiscardHandler)}
	config.Self = Member{ServerID: id, RaftAddress: id + ":7402", LogVersion: 1}
	g, err := Open(config)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			must(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return g, stop
}

func (g *Gossip) member(id string) Member {
	for _, m := range g.Members() {
		if m.ServerID == id {
			return m
		}
	}
	return Member{}
}

func TestGossip_ServersFindEachOtherAndTellNews(t *testing.T) {
	key, err := Key([]byte("a secret that all servers share"))
	must(t, err)
	a, _ := start(t, "a", key)
	b, stopB := start(t, "b", key, a.Address())
	c, _ := start(t, "c", key, a.Address())
	for _, g := range []*Gossip{a, b, c} {
		eventually(t, "three members", func() bool { return len(g.Members()) == 3 })
	}
	if got := b.member("c").RaftAddress; got != "c:7402" {
		t.Errorf("b believes that c's Raft address is %q", got)
	}
	must(t, c.Update(func(m *Member) {
		m.HasState = true
		m.LogVersion = 0
	}))
	eventually(t, "news of c", func() bool { return b.member("c").HasState })
	if got := b.LowestVersion(); got != 0 {
		t.Errorf("the lowest version is %d, want 0", got)
	}
	must(t, c.Leave())
	eventually(t, "c's goodbye", func() bool { return a.member("c").Status == Left })
	if got := a.LowestVersion(); got != 1 {
		t.Errorf("the lowest version is %d, want 1: c has left", got)
	}
	stopB()
	eventually(t, "b's failure", func() bool { return a.member("b").Status == Failed })
}

func TestGossip_AnotherKeyStaysOutside(t *testing.T) {
	one, err := Key([]byte("a secret that all servers share"))
	must(t, err)
	other, err := Key([]byte("another secret, of another cluster"))
	must(t, err)
	a, _ := start(t, "a", one)
	b, _ := start(t, "b", other)
	if n, err := b.list.Join([]string{a.Address()}); err == nil || n != 0 {
		t.Errorf("joined %d servers with the wrong key", n)
	}
	if len(a.Members()) != 1 || len(b.Members()) != 1 {
		t.Error("servers with different keys know each other")
	}
}

func TestConfig_BoundsWhatTravels(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for name, c := range map[string]Config{
		"address": {Self: Member{
			ServerID:    "a",
			RaftAddress: long,
		}},
		"no id": {},
		"key": {
			Self:      Member{ServerID: "a"},
			SecretKey: []byte("short"),
		},
	} {
		if err := c.Validate(); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	text := strings.Repeat("x", maxText)
	full := Member{
		ServerID:    text,
		RaftAddress: text,
		GRPCAddress: text,
		HTTPAddress: text,
		Version:     text,
		Choice:      text[:16],
		HasState:    true,
	}
	full.LogVersion = 1<<32 - 1
	full.BootstrapExpect = 99
	full.encode(512) // panics when it is too long
}
