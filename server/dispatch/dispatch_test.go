package dispatch

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster/solo"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
)

// nobody is a cluster without addresses.
type nobody struct{}

func (nobody) LeaderAddress() string { return "" }
func (nobody) Addresses() []string   { return nil }
func (nobody) Listeners() []string   { return nil }
func (nobody) Address() string       { return "here" }

// What drivers wanted is of one leadership: a server that leads again must not act on what it heard long ago.
func TestRun_ForgetsWhatDriversWanted(t *testing.T) {
	door := solo.Door(t, nil)
	demands := demand.NewStore()
	d := New(Config{
		Door:    door,
		Window:  door.Window(),
		Demands: demands,
		Avoided: avoidance.NewStore(),
		Members: nobody{},
		Lease:   usual,
		Margin:  margin,
		Log:     slog.New(slog.DiscardHandler),
	})
	demands.Set(&agentv1.Demand{JobRunId: "before", Attempt: 1, Target: 4})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx, door.Term()) }()
	solo.Eventually(t, "the leadership", func() bool { return d.leadership.Load() != nil })
	if demands.Get("before", 1) != nil {
		t.Error("a new leadership knows a demand of the one before")
	}
	demands.Set(&agentv1.Demand{JobRunId: "during", Attempt: 1, Target: 4})
	cancel()
	<-done
	if demands.Get("during", 1) != nil {
		t.Error("a demand outlived its leadership")
	}
	if err := d.Ask("n", "ticket", "here"); !errs.Is(err, errs.NotLeader) {
		t.Errorf("after the leadership: %v", err)
	}
}

// What an agent calls itself is nobody's to believe: it neither fills the log of the servers nor acts on a terminal.
func TestTellRefusal_CutsAndEscapesNames(t *testing.T) {
	var said bytes.Buffer
	d := New(Config{Log: slog.New(slog.NewTextHandler(&said, nil))})
	long := strings.Repeat("n", 100_000)
	refused := errs.New(errs.Invalid, "no")
	d.tellRefusal(&agentv1.Register{Name: "a\x1b[2J" + long, NodeId: long}, refused)
	d.tellRefusal(&agentv1.Register{Name: "a\x1b[2J" + long, NodeId: long}, refused) // left out
	text := said.String()
	if len(text) > 1000 || !strings.Contains(text, "node=a^[[2Jnnn") || strings.Count(text, "refused") != 1 {
		t.Errorf("%d bytes: %.300q", len(text), text)
	}
}

func TestSecret_IsOneForAnAttemptAndAnotherForTheNext(t *testing.T) {
	d := New(Config{SecretKey: []byte("key")})
	again := New(Config{SecretKey: []byte("key")})
	other := New(Config{SecretKey: []byte("another")})
	secret := d.Secret("run", 1)
	if !bytes.Equal(secret, again.Secret("run", 1)) {
		t.Error("another leader has another secret")
	}
	for name, s := range map[string][]byte{
		"the next attempt": d.Secret("run", 2),
		"another run":      d.Secret("run2", 1),
		"another cluster":  other.Secret("run", 1),
	} {
		if len(s) != 32 || bytes.Equal(s, secret) {
			t.Errorf("%s has the same secret, or one of %d bytes", name, len(s))
		}
	}
}

func TestTickets_ServeOnce(t *testing.T) {
	tickets := newTickets()
	name, issued := tickets.issue("n")
	if _, err := tickets.take(name, "another"); !errs.Is(err, errs.Forbidden) {
		t.Errorf("another node took the ticket: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := issued.wait(ctx, "n"); err == nil {
		t.Error("a stream came without an agent")
	}
	tickets.release(name, issued)
	if err := tickets.hand(name, "n", nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("a ticket was used after its release: %v", err)
	}
}

func TestClean_KeepsTheEndAsText(t *testing.T) {
	long := clean(string(bytes.Repeat([]byte("é"), maxMessage)) + "end")
	if len(long) > maxMessage || !bytes.HasSuffix([]byte(long), []byte("end")) || long[0] != "é"[0] {
		t.Errorf("%d bytes, %.8q...", len(long), long)
	}
	if got := clean("a\xffb"); got != "a\ufffdb" {
		t.Errorf("%q", got)
	}
}
