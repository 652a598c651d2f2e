package consensus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
)

// leadershipLog notes who leads when.
type leadershipLog struct {
	mu    sync.Mutex
	terms []uint64
	now   int
	peak  int
}

func (r *leadershipLog) enter(term uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.terms = append(r.terms, term)
	r.now++
	r.peak = max(r.peak, r.now)
}

func (r *leadershipLog) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
}

func (r *leadershipLog) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.terms)
}

// restartWith starts all servers again, with work registered.
func (c *cluster) restartWith(prepare func(*Consensus)) {
	c.t.Helper()
	for i := range c.members {
		c.stop(i)
	}
	for i := range c.members {
		c.start(i, prepare)
	}
	c.leader()
}

func TestCluster_WorkFollowsTheLeadership(t *testing.T) {
	c := newCluster(t, 3, nil)
	c.execute(note("before"))
	var leaderships leadershipLog
	c.restartWith(func(self *Consensus) {
		self.OnLeadership("test", func(ctx context.Context, term uint64) error {
			if self.View().Request("before") == nil {
				t.Error("work began before the state was caught up")
			}
			leaderships.enter(term)
			defer leaderships.leave()
			<-ctx.Done()
			return nil
		})
	})
	eventually(t, "the first leadership", func() bool { return leaderships.count() == 1 })
	must(t, c.leader().raft.LeadershipTransfer().Error())
	eventually(t, "the second leadership", func() bool { return leaderships.count() >= 2 })
	leaderships.mu.Lock()
	defer leaderships.mu.Unlock()
	for i := 1; i < len(leaderships.terms); i++ {
		if leaderships.terms[i] <= leaderships.terms[i-1] {
			t.Errorf("leaderships in terms %v", leaderships.terms)
		}
	}
}

// A leader that cannot do its work is no leader: another one takes over.
func TestCluster_WorkThatFailsStepsDown(t *testing.T) {
	c := newCluster(t, 3, nil)
	var mu sync.Mutex
	first := ""
	c.restartWith(func(self *Consensus) {
		self.OnLeadership("test", func(ctx context.Context, _ uint64) error {
			mu.Lock()
			if first == "" {
				first = self.config.ServerID
			}
			fails := first == self.config.ServerID
			mu.Unlock()
			if fails {
				return errors.New("cannot do it")
			}
			<-ctx.Done()
			return nil
		})
	})
	eventually(t, "a leader that can", func() bool {
		mu.Lock()
		defer mu.Unlock()
		leader, _ := c.members[0].Leader()
		return first != "" && leader != "" && leader != first
	})
	c.execute(note("afterwards"))
}

// A planned stop names an heir: it takes over at once, though nobody would ask for votes for a long time.
func TestCluster_StoppingLeaderHandsOver(t *testing.T) {
	c := newCluster(t, 3, nil)
	c.agree()
	leader := c.leader()
	index := 0
	for i, m := range c.members {
		if m == leader {
			index = i
			continue
		}
		patient := m.raft.ReloadableConfig()
		patient.HeartbeatTimeout = 100 * patience
		patient.ElectionTimeout = 100 * patience
		must(t, m.raft.ReloadConfig(patient))
	}
	c.stop(index)
	_, err := c.leader(leader).Execute(within(t), note("a"))
	must(t, err)
}

// A leader that leaves waits until another one leads, and not for all the time that an heir may take.
func TestCluster_StoppingLeaderSeesItsHeir(t *testing.T) {
	c := newCluster(t, 3, nil)
	c.agree()
	leader := c.leader()
	leader.longer.Store(int64(100 * patience))
	leader.cancel()
	select {
	case err := <-leader.ended:
		must(t, err)
		leader.ended = nil
	case <-time.After(patience):
		t.Error("it still waits for the next leader, who leads")
	}
}

func TestConsensus_StopsWhenAHandOverNeverEnds(t *testing.T) {
	now := time.Unix(0, 0)
	c := &Consensus{failed: make(chan error, 1)}
	c.config.Clock = func() time.Time { return now }
	c.config.ElectionTimeout = time.Second
	for _, inProgress := range []bool{true, true, false, true, true} {
		c.watchTransfer(inProgress)
		now = now.Add(2 * time.Second)
	}
	if len(c.failed) != 0 {
		t.Fatal("stopped while the hand-over had time left")
	}
	c.watchTransfer(true)
	if len(c.failed) != 1 {
		t.Error("refuses everything and goes on")
	}
}

func TestReplica_DamagedEntryStops(t *testing.T) {
	r := &replica{machine: fsm.New(), window: newWindow(1, fsm.New().View()), checkpoints: newCheckpoints(ignore)}
	defer func() {
		if recover() == nil {
			t.Error("an entry that cannot be decoded was skipped")
		}
	}()
	r.Apply(&raft.Log{Index: 3, Term: 2, Data: []byte{0xff}})
}

func TestReplica_UnknownEventStops(t *testing.T) {
	r := &replica{machine: fsm.New(), window: newWindow(1, fsm.New().View()), checkpoints: newCheckpoints(ignore)}
	defer func() {
		if recover() == nil {
			t.Error("an event that this version does not know was skipped")
		}
	}()
	// Record{sequence: 1, events: [Event{field 900: ""}]}: what a server of a newer version would write.
	r.Apply(&raft.Log{Index: 1, Term: 1, Data: []byte{0x08, 0x01, 0x32, 0x03, 0xa2, 0x38, 0x00}})
}

// raft#697: a leader that was cut off with more entries in flight than TrailingLogs keeps installs snapshots for ever
// when it returns. With the real bounds it catches up.
func TestCluster_ReturningLeaderCatchesUp(t *testing.T) {
	c := newCluster(t, 3, nil)
	old := c.leader()
	c.cut(old)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			_, err := old.Execute(within(t), note(fmt.Sprint("lost", i)))
			if err == nil {
				t.Error("a write was acknowledged without a majority")
			}
		})
	}
	heir := c.leader(old)
	group.Wait()
	for i := range 20 {
		_, err := heir.Execute(within(t), note(fmt.Sprint(i)))
		must(t, err)
	}
	for _, m := range c.members {
		if m != old {
			eventually(t, "a snapshot", func() bool { return m.raft.Snapshot().Error() == nil })
		}
	}
	for i, m := range c.members {
		if m == old {
			c.connect(i)
		}
	}
	c.execute(note("healed"))
	c.agree()
	if _, err := old.Window().Read(within(t), Position{Record: 1}); errs.Is(err, errs.Compacted) {
		t.Error("it needed a snapshot")
	}
}
