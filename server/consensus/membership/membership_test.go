package membership

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// servers are those of a test, by Raft address.
type servers struct {
	mu  sync.Mutex
	all map[string]*server
}

// ask asks another one, as servers do over gRPC.
func (s *servers) ask(ctx context.Context, other gossip.Member, c Candidate) error {
	s.mu.Lock()
	asked := s.all[other.RaftAddress]
	s.mu.Unlock()
	if asked == nil {
		return errs.New(errs.Unavailable, "it is gone")
	}
	return asked.members.Admit(ctx, c)
}

// server is everything that a server has of consensus, on loopback.
type server struct {
	raft    *consensus.Consensus
	gossip  *gossip.Gossip
	members *Membership
	dir     string
	log     said
	stop    func()
}

// start runs a server until the test ends, or until it is stopped, in a new directory.
func (s *servers) start(t *testing.T, id string, expect int, join ...string) *server {
	t.Helper()
	return s.startAt(t, at{dir: t.TempDir(), raft: "127.0.0.1:0", gossip: "127.0.0.1:0"}, id, expect, join...)
}

// at is where a server keeps its log, and where the others reach it.
type at struct{ dir, raft, gossip string }

// where returns where a server is, or was. One that comes back is there again: a new address for gossip would reach the
// others only after they have noticed that the old one is dead.
func (s *server) where() at {
	return at{dir: s.dir, raft: s.raft.Address(), gossip: s.gossip.Address()}
}

// startAt is start somewhere.
func (s *servers) startAt(t *testing.T, where at, id string, expect int, join ...string) *server {
	t.Helper()
	one := &server{dir: where.dir}
	log := slog.New(slog.NewTextHandler(&one.log, nil))
	config := consensus.DefaultConfig()
	config.ServerID = id
	config.DataDir = where.dir
	config.Listen = where.raft
	config.Log = log
	var err error
	one.raft, err = consensus.Open(config, fsm.New())
	must(t, err)
	self := gossip.Member{ServerID: id, RaftAddress: one.raft.Address(), LogVersion: consensus.LogVersion}
	one.gossip, err = gossip.Open(gossip.Config{Bind: where.gossip, Join: join, Self: self, Log: log})
	must(t, err)
	one.members = New(one.raft, one.gossip, expect, s.ask, log)
	s.put(one)
	one.run(t)
	return one
}

func (s *servers) put(one *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*server{}
	}
	s.all[one.raft.Address()] = one
}

// run runs a server until the test ends, or until it is stopped.
func (s *server) run(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var group errgroup.Group
	group.Go(func() error { return s.raft.Run(ctx) })
	group.Go(func() error { return s.gossip.Run(ctx) })
	group.Go(func() error { return s.members.Run(ctx) })
	s.stop = sync.OnceFunc(func() {
		cancel()
		must(t, group.Wait())
	})
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("%s said\n%s", s.gossip.Self().ServerID, s.log.String())
		}
	})
}

// said is a log that tests read while it is written.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *said) count(text string) int { return strings.Count(s.String(), text) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(40 * time.Second) // a loaded machine is slow
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

// knowsLogs returns how many servers have a log, by gossip.
func (s *server) knowsLogs() (n int) {
	for _, member := range s.gossip.Members() {
		if member.HasState {
			n++
		}
	}
	return n
}

// three are three servers that began a cluster.
func (s *servers) three(t *testing.T) []*server {
	t.Helper()
	first := s.start(t, "a", 3)
	all := []*server{first, s.start(t, "b", 3, first.gossip.Address()), s.start(t, "c", 3, first.gossip.Address())}
	for i, one := range all {
		eventually(t, fmt.Sprintf("server %d to be in a cluster of three", i), func() bool {
			return one.sees(3) && one.knowsLogs() == 3
		})
	}
	return all
}

// leader waits for the one that leads.
func leader(t *testing.T, all []*server) (leads *server) {
	t.Helper()
	eventually(t, "a leader", func() bool {
		for _, s := range all {
			if _, err := s.raft.ReadIndex(t.Context()); err == nil {
				leads = s
				return true
			}
		}
		return false
	})
	return leads
}

// Three servers that know one address begin a cluster, a fourth becomes a voter, and leaves for good.
func TestMembership_ThreeBeginAFourthJoinsAndLeaves(t *testing.T) {
	var s servers
	all := s.three(t)
	fourth := s.start(t, "d", 0, all[0].gossip.Address())
	eventually(t, "the fourth to be in", func() bool { return fourth.sees(4) })
	must(t, fourth.gossip.Leave())
	for i, one := range all {
		eventually(t, fmt.Sprintf("server %d to see it gone", i), func() bool { return one.sees(3) })
	}
}

// Nobody is let in of whom the leader has not heard: it could not make a voter of it.
func TestC5_WhoIsNotKnownIsNotLetIn(t *testing.T) {
	var s servers
	one := s.start(t, "a", 1)
	eventually(t, "leadership", func() bool { return one.raft.IsLeader() })
	err := one.members.Admit(t.Context(), Candidate{ID: "x", Standing: consensus.Promised})
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("a server that nobody knows gets %v", err)
	}
}

func TestMembership_OneServerIsACluster(t *testing.T) {
	var s servers
	one := s.start(t, "a", 1)
	eventually(t, "leadership", func() bool { return one.raft.IsLeader() })
}

// A second server joins a cluster of one: its vote is needed before it has heard that it has one.
func TestC5_ASecondServerJoinsOne(t *testing.T) {
	var s servers
	one := s.start(t, "a", 1)
	eventually(t, "leadership", func() bool { return one.raft.IsLeader() })
	two := s.start(t, "b", 0, one.gossip.Address())
	eventually(t, "two servers", func() bool { return two.sees(2) && one.sees(2) })
}

// followers are those that do not lead.
func followers(all []*server, leads *server) []*server {
	return slices.DeleteFunc(slices.Clone(all), func(s *server) bool { return s == leads })
}

// A server whose data directory is empty does not come back under its old id: it is told why, votes for nobody, and the
// others go on. Once it is removed, it is a new one.
func TestC5_AWipedServerIsRefusedUntilItIsRemoved(t *testing.T) {
	var s servers
	all := s.three(t)
	leads := leader(t, all)
	others := followers(all, leads)
	lost, stays := others[0], others[1]
	id := lost.gossip.Self().ServerID
	lost.stop()
	empty := lost.where()
	empty.dir = t.TempDir()
	wiped := s.startAt(t, empty, id, 3, leads.gossip.Address(), stays.gossip.Address())
	eventually(t, "the wiped server to say why it is out", func() bool { return wiped.log.count("remove-server "+id) > 0 })
	if standing, err := wiped.raft.Standing(); err != nil || standing != consensus.Blank {
		t.Errorf("the wiped server has standing %d, %v", standing, err)
	}
	if why := wiped.members.Outside(); !strings.Contains(why, "has no log") {
		t.Errorf("it is outside because of %q", why)
	}
	wantClosed(t, wiped.raft.Address())
	leads.stop()
	asked := stays.log.count("entering candidate state")
	eventually(t, "the other one to ask for votes in vain: the wiped one votes for nobody", func() bool {
		return stays.log.count("entering candidate state") >= asked+3
	})
	if stays.raft.IsLeader() {
		t.Error("the other one leads: the wiped one voted for it")
	}
	back := s.startAt(t, leads.where(), leads.gossip.Self().ServerID, 3, stays.gossip.Address())
	leader(t, []*server{stays, back})
	must(t, s.remove(t, []*server{stays, back}, id))
	eventually(t, "the wiped server to be a new one", func() bool {
		return wiped.sees(3) && wiped.members.Outside() == ""
	})
	if n := wiped.log.count("its data directory has no log"); n < 1 || n > 2 { // after a minute it says so again
		t.Errorf("it said %d times why it is out", n)
	}
}

// wantClosed holds that a server takes no connection of Raft: nobody can ask it for its vote.
func wantClosed(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a server without a log lets others in: %v", err)
	}
}

// remove removes a server, wherever the leader is; all that run are named.
func (s *servers) remove(t *testing.T, running []*server, id string) (err error) {
	t.Helper()
	var ids []string
	for _, one := range running {
		ids = append(ids, one.gossip.Self().ServerID)
	}
	eventually(t, "an answer to the removal of "+id, func() bool {
		for _, one := range running {
			err = one.members.Remove(t.Context(), id, ids, false)
			if !errs.Is(err, errs.NotLeader) && !errs.Is(err, errs.Unavailable) && !errs.Is(err, errs.Unknown) {
				return true
			}
		}
		return false
	})
	return err
}

// A server that is removed while it runs stays out, is told so, and is forgotten once it is gone. The leader hands over
// first. To remove it twice is no error, and to remove one that never was there is.
func TestC5_ARemovedServerStaysOut(t *testing.T) {
	var s servers
	all := s.three(t)
	fourth := s.start(t, "d", 0, all[0].gossip.Address())
	eventually(t, "the fourth to be in", func() bool { return fourth.sees(4) })
	all = append(all, fourth)
	leads := leader(t, all)
	id := leads.gossip.Self().ServerID
	must(t, s.remove(t, all, id))
	rest := followers(all, leads)
	eventually(t, "the removed server to say that it is", func() bool {
		return strings.Contains(leads.members.Outside(), "was removed")
	})
	for _, one := range rest {
		eventually(t, "three voters", func() bool { return one.sees(3) })
	}
	must(t, s.remove(t, rest, id))
	if err := s.remove(t, rest, "nobody"); !errs.Is(err, errs.NotFound) || !strings.Contains(err.Error(), "d") {
		t.Errorf("removing nobody gives %v", err)
	}
	leads.stop()
	for _, one := range rest {
		eventually(t, "the removed server to be forgotten", func() bool { return len(one.gossip.Members()) == 3 })
	}
}

// A server is not removed when the others could decide nothing then, nor the last one.
func TestC5_TheRestDecides(t *testing.T) {
	all := []consensus.Server{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	for name, c := range map[string]struct {
		servers []consensus.Server
		id      string
		running []string
		force   bool
		refused bool
	}{
		"the one that is gone":            {all, "c", []string{"a", "b"}, false, false},
		"one while another is gone":       {all, "b", []string{"a", "b"}, false, true},
		"the same by force":               {all, "b", []string{"a", "b"}, true, false},
		"the last one":                    {all[:1], "a", []string{"a"}, true, true},
		"of two, the one that is gone":    {all[:2], "b", []string{"a"}, false, false},
		"one that runs, as do the others": {all, "a", []string{"a", "b", "c"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := removable(c.servers, c.id, c.running, c.force); (err != nil) != c.refused {
				t.Error(err)
			}
		})
	}
}

// A server that was away when the others began, and had promised to, takes part once it is back.
func TestC5_APromiseOutlivesARestart(t *testing.T) {
	var s servers
	all := s.three(t)
	leads := leader(t, all)
	dir := t.TempDir()
	config := consensus.DefaultConfig()
	config.ServerID = "d"
	config.DataDir = dir
	config.Listen = "127.0.0.1:0"
	config.Log = slog.New(slog.DiscardHandler)
	early, err := consensus.Open(config, fsm.New())
	must(t, err)
	must(t, early.Promise())
	address := early.Address()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, early.Run(ended))
	must(t, leads.raft.AddServer(consensus.Server{ID: "d", Address: address})) // as if it had begun with them
	late := s.startAt(t, at{dir: dir, raft: address, gossip: "127.0.0.1:0"}, "d", 3, leads.gossip.Address())
	eventually(t, "the late server to take part", func() bool { return late.sees(4) })
}
