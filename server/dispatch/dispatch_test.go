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
func (nobody) Address() string       { return "here" }

// What drivers wanted is of one tenure: a server that leads again must not act on what it heard long ago.
func TestRun_ForgetsWhatDriversWanted(t *testing.T) {
	door, demands := solo.Door(t, nil), demand.NewStore()
	d := New(Config{Door: door, Window: door.Window(), Demands: demands, Avoided: avoidance.NewStore(), Members: nobody{}, Lease: usual, Margin: margin, Log: slog.New(slog.DiscardHandler)})
	demands.Set(&agentv1.Demand{JobRunId: "before", Attempt: 1, Target: 4})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx, door.Term()) }()
	solo.Eventually(t, "the tenure", func() bool { return d.tenure.Load() != nil })
	if demands.Get("before", 1) != nil {
		t.Error("a new tenure knows a demand of the one before")
	}
	demands.Set(&agentv1.Demand{JobRunId: "during", Attempt: 1, Target: 4})
	cancel()
	<-done
	if demands.Get("during", 1) != nil {
		t.Error("a demand outlived its tenure")
	}
	if err := d.Ask("n", "ticket", "here"); !errs.Is(err, errs.NotLeader) {
		t.Errorf("after the tenure: %v", err)
	}
}

func TestSecret_IsOneForAnAttemptAndAnotherForTheNext(t *testing.T) {
	d := New(Config{SecretKey: []byte("key")})
	again, other := New(Config{SecretKey: []byte("key")}), New(Config{SecretKey: []byte("another")})
	secret := d.secret("run", 1)
	if !bytes.Equal(secret, again.secret("run", 1)) {
		t.Error("another leader has another secret")
	}
	for name, s := range map[string][]byte{"the next attempt": d.secret("run", 2), "another run": d.secret("run2", 1), "another cluster": other.secret("run", 1)} {
		if len(s) != 32 || bytes.Equal(s, secret) {
			t.Errorf("%s has the same secret, or one of %d bytes", name, len(s))
		}
	}
}

func TestTickets_ServeOnce(t *testing.T) {
	tickets := newTickets()
	name, issued := tickets.issue()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := issued.wait(ctx, "n"); err == nil {
		t.Error("a stream came without an agent")
	}
	tickets.release(name, issued)
	if err := tickets.hand(name, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("a ticket was used after its release: %v", err)
	}
}

func TestRegistration_NamesWhatIsWrong(t *testing.T) {
	for field, change := range map[string]func(*agentv1.Register){
		"node_id":        func(r *agentv1.Register) { r.NodeId = "N1" },
		"name":           func(r *agentv1.Register) { r.Name = "a b" },
		"zone":           func(r *agentv1.Register) { r.Zone = "" },
		"milli_cpu":      func(r *agentv1.Register) { r.DiskMib = 0 },
		"host":           func(r *agentv1.Register) { r.Host = "" },
		"releases":       func(r *agentv1.Register) { r.Releases = make([]string, maxReleases+1) },
		"agent_version":  func(r *agentv1.Register) { r.AgentVersion = strings.Repeat("x", maxWord+1) },
		"java_versions":  func(r *agentv1.Register) { r.JavaVersions = make([]uint32, maxJava+1) },
		"python_version": func(r *agentv1.Register) { r.PythonVersion = string(make([]byte, maxPython+1)) },
		"inventory":      func(r *agentv1.Register) { r.Inventory = make([]*agentv1.WorkerStatus, maxInventoryPart+1) },
	} {
		r := &agentv1.Register{NodeId: "01arz3ndektsv4rrffq69g5fav", Name: "n1", Zone: "a", MilliCpu: 1, MemoryMib: 1, DiskMib: 1, Host: "h"}
		r.JavaVersions, r.PythonVersion = []uint32{8, 17}, "3.9"
		if c, err := registration(r); err != nil || len(c.Node.Java) != 2 || c.Node.Python != "3.9" {
			t.Fatal(c, err)
		}
		change(r)
		_, err := registration(r)
		if e, ok := err.(*errs.Error); !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
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
