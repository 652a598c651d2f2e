package consensus

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// patience bounds every wait of the tests.
const patience = 2 * time.Minute // a loaded machine elects slowly

// member is one server of a test cluster. Its transport is in memory, its stores are on disk.
type member struct {
	*Consensus
	config    Config
	machine   *fsm.Machine
	transport *raft.InmemTransport
	cancel    context.CancelFunc
	ended     chan error
}

type cluster struct {
	t       *testing.T
	adjust  func(*Config)
	members []*member
}

// newCluster starts n servers and waits for a leader that has caught up.
func newCluster(t *testing.T, n int, adjust func(*Config)) *cluster {
	t.Helper()
	c := &cluster{t: t, adjust: adjust}
	for i := range n {
		config := testConfig(fmt.Sprintf("server-%d", i+1), t.TempDir())
		c.members = append(c.members, &member{config: config})
	}
	t.Cleanup(c.stopAll)
	for i := range c.members {
		c.start(i, nil)
	}
	var servers []Server
	for _, m := range c.members {
		servers = append(servers, Server{ID: m.config.ServerID, Address: m.Address()})
	}
	for _, m := range c.members {
		must(t, m.Bootstrap(servers))
	}
	c.leader()
	return c
}

func testConfig(id, dir string) Config {
	config := DefaultConfig()
	config.ServerID = id
	config.DataDir = dir
	config.HeartbeatTimeout = 200 * time.Millisecond
	config.ElectionTimeout = 200 * time.Millisecond
	config.LeaseTimeout = 150 * time.Millisecond
	config.Log = testLog
	return config
}

// start opens and runs a server, again if it was stopped; prepare may register work.
func (c *cluster) start(i int, prepare func(*Consensus)) {
	c.t.Helper()
	m := c.members[i]
	_, m.transport = raft.NewInmemTransportWithTimeout(raft.ServerAddress(m.config.ServerID), 500*time.Millisecond)
	config := m.config
	config.Transport = m.transport
	if c.adjust != nil {
		c.adjust(&config)
	}
	m.machine = fsm.New()
	var err error
	m.Consensus, err = Open(config, m.machine)
	must(c.t, err)
	if prepare != nil {
		prepare(m.Consensus)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.ended = make(chan error, 1)
	go func() { m.ended <- m.Run(ctx) }()
	c.connect(i)
}

// connect joins a server to all others in both directions.
func (c *cluster) connect(i int) {
	m := c.members[i]
	for j, other := range c.members {
		if j != i && other.transport != nil {
			m.transport.Connect(other.transport.LocalAddr(), other.transport)
			other.transport.Connect(m.transport.LocalAddr(), m.transport)
		}
	}
}

// cut separates a server from all others.
func (c *cluster) cut(m *member) {
	m.transport.DisconnectAll()
	for _, other := range c.members {
		if other != m {
			other.transport.Disconnect(m.transport.LocalAddr())
		}
	}
}

// stop ends a server; what Run returned is ignored the second time.
func (c *cluster) stop(i int) {
	c.t.Helper()
	m := c.members[i]
	m.cancel()
	if m.ended != nil {
		if err := <-m.ended; err != nil {
			c.t.Errorf("server %d: %v", i+1, err)
		}
		m.ended = nil
	}
}

// stopAll ends all servers at the same time.
func (c *cluster) stopAll() {
	for _, m := range c.members {
		if m.cancel != nil {
			m.cancel()
		}
	}
	for i, m := range c.members {
		if m.cancel != nil {
			c.stop(i)
		}
	}
}

// leader waits for a leader that takes decisions, other than those excluded.
func (c *cluster) leader(except ...*member) *member {
	c.t.Helper()
	var found *member
	eventually(c.t, "a leader", func() bool {
		for _, m := range c.members {
			if m.leadingTerm.Load() != 0 && !contains(except, m) {
				found = m
			}
		}
		return found != nil
	})
	return found
}

func contains(all []*member, one *member) bool {
	for _, m := range all {
		if m == one {
			return true
		}
	}
	return false
}

// execute repeats a decision at whoever leads until it is through.
func (c *cluster) execute(decide Decision) Applied {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		applied, err := c.leader().Execute(ctx, decide)
		if err == nil {
			return applied
		}
		if ctx.Err() != nil ||
			!(errs.Is(err, errs.NotLeader) || errs.Is(err, errs.Unknown) || errs.Is(err, errs.Unavailable)) {
			c.t.Fatalf("cannot execute: %v", err)
		}
	}
}

// agree waits until all servers have applied the same records, and compares their states.
func (c *cluster) agree() {
	c.t.Helper()
	newest := c.leader().View().Sequence
	for i, m := range c.members {
		eventually(
			c.t, fmt.Sprintf("record %d on server %d", newest, i+1), func() bool { return m.View().Sequence >= newest },
		)
	}
	want := fsm.Digest(c.members[0].View())
	for i, m := range c.members {
		if fsm.Digest(m.View()) != want {
			c.t.Errorf("server %d has another state at record %d", i+1, m.View().Sequence)
		}
	}
}

// note is a decision that keeps a key, once.
func note(key string) Decision {
	return func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		if view.Request(key) != nil {
			return nil, nil
		}
		return []*eventv1.Event{noted(key, meta.IDs.NewID(), meta.Now)}, nil
	}
}

func noted(key, id string, now time.Time) *eventv1.Event {
	return &eventv1.Event{Fact: &eventv1.Event_RequestCompleted{RequestCompleted: &eventv1.RequestCompleted{
		Key: key, ResourceId: id, ExpiresUnixNano: now.Add(24 * time.Hour).UnixNano(),
	}}}
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got error %v, want kind %s", err, kind)
	}
}

// within returns a context that ends with the tests' patience.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// testLog is where the servers of the tests write; set it to slog.Default() to watch a failure.
var testLog = slog.New(slog.DiscardHandler)
