package attack

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	"github.com/headrace/headrace/internal/testcluster/solo"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/control"
)

// bug is the name of an application on which the decision has a bug, and panics.
const bug = "bug"

// buggy is a leader's door with a bug in one decision. A follower's only passes on.
type buggy struct {
	*consensus.Consensus
	follows bool
	hits    atomic.Int64
}

func (b *buggy) IsLeader() bool { return !b.follows && b.Consensus.IsLeader() }

func (b *buggy) Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error) {
	return b.Consensus.Execute(ctx, func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		events, err := decide(view, meta)
		for _, e := range events {
			if e.GetApplicationCreated().GetSpec().GetName() == bug {
				b.hits.Add(1)
				panic("a bug")
			}
		}
		return events, err
	})
}

// pair is what a server says of the other one.
type pair struct{ leader grpc.ClientConnInterface }

func (p pair) Leader() (grpc.ClientConnInterface, error)      { return p.leader, nil }
func (pair) List(context.Context) []*controlv1.Server         { return nil }
func (pair) Remove(context.Context, string, bool) error       { return nil }
func (pair) ID() string                                       { return "server-2" }
func (pair) Explain(string) (w scheduler.Wait, waits bool)    { return w, false }
func (pair) ExplainApplication(string) (scheduler.Wait, bool) { return scheduler.Wait{}, false }
func (pair) Promise(string) (p scheduler.Promise, yes bool)   { return p, false }
func (pair) Refused() uint64                                  { return 0 }
func (pair) Rebuilds() uint64                                 { return 0 }

// listen serves the API over a door, and returns its address.
func listen(t *testing.T, door *buggy, members pair, panics *caught.Panics) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	api := control.New(control.Config{
		Door:      door,
		Window:    door.Window(),
		Members:   members,
		Placement: members,
		Limits:    command.DefaultLimits(),
		Log:       slog.New(slog.DiscardHandler),
		Panics:    panics,
	})
	identify := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		return handle(caller.With(ctx, caller.Local()), req)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(identify, api.Forward))
	api.Register(server)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-ended })
	return listener.Addr().String()
}

// A decision that panicked took the leader with it, and the next one when the forwarding server or the client repeated
// it, and so on.
func TestServerPanic_OfADecisionTakesNoLeaderAndIsNotRepeated(t *testing.T) {
	t.Parallel()
	panics := caught.New(slog.New(slog.DiscardHandler))
	inner := solo.Door(t, func(c *consensus.Config) { c.Panics = panics })
	leader := &buggy{Consensus: inner}
	follower := &buggy{Consensus: inner, follows: true}
	address := listen(t, leader, pair{}, panics)
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	config := client.DefaultConfig()
	config.Servers = []string{listen(t, follower, pair{conn}, panics), address}
	cl, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cl.Close() })
	term := inner.Term()
	ctx := testcluster.Within(t)
	create := func(name string) error {
		_, err := controlv1.NewApplicationServiceClient(cl).CreateApplication(ctx,
			&controlv1.CreateApplicationRequest{Spec: processSpec(name)})
		return err
	}
	began := time.Now()
	err = create(bug)
	if !errs.Is(err, errs.Internal) || strings.Contains(err.Error(), "a bug") {
		t.Errorf("the caller is told %v", err)
	}
	if hits := leader.hits.Load(); hits != 1 || panics.Count() != 1 {
		t.Errorf("the decision was made %d times, and %d panics were caught", hits, panics.Count())
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the caller waited %s", took)
	}
	if err := create("healthy"); err != nil {
		t.Errorf("another caller: %v", err)
	}
	if now := inner.Term(); now != term || !inner.IsLeader() {
		t.Errorf("the term is %d, it was %d; leader: %t", now, term, inner.IsLeader())
	}
	names := ""
	for a := range inner.View().Applications("") {
		names += a.Spec.GetName() + " "
	}
	if names != "healthy " {
		t.Errorf("there are applications %q", names)
	}
}
