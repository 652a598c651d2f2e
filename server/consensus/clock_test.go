package consensus

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// setClock is a recordClock whose real time and ticks a test moves.
type setClock struct {
	*recordClock
	real   time.Time
	passed time.Duration
}

func newSetClock(real time.Time) *setClock {
	c := &setClock{real: real}
	c.recordClock = &recordClock{
		wall:  func() time.Time { return c.real },
		ticks: func() time.Duration { return c.passed },
	}
	return c
}

// pass lets time pass.
func (c *setClock) pass(d time.Duration) {
	c.real = c.real.Add(d)
	c.passed += d
}

func always(time.Time) bool { return true }

// A log whose newest record is 13 hours ahead holds up nothing: record time goes on from there, about as fast as usual,
// until the real time has caught up.
func TestC2_RecordTimeGoesOnFromARecordThatIsAhead(t *testing.T) {
	real := time.Unix(1_800_000_000, 0)
	clock := newSetClock(real)
	newest := real.Add(13 * time.Hour)
	if now := clock.now(newest, always); !now.Equal(newest) {
		t.Fatalf("record time is %s ahead of the record", now.Sub(newest))
	}
	clock.pass(10 * time.Second)
	if now := clock.now(newest, always); now.Sub(newest) < 8*time.Second || now.Sub(newest) > 10*time.Second {
		t.Errorf("after 10s record time went on by %s", now.Sub(newest))
	}
	clock.pass(130 * time.Hour)
	if now := clock.now(newest, always); !now.Equal(clock.real) {
		t.Errorf("record time is still %s ahead after 130 hours", now.Sub(clock.real))
	}
}

// A clock that is set back does not hold record time up, and one that is not believed does not move it.
func TestC2_RecordTimeIsNotMovedByAClockThatIsWrong(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	clock := newSetClock(began)
	clock.now(began, always)
	clock.real = began.Add(-time.Hour)
	clock.passed += 10 * time.Second
	if now := clock.now(began, always); now.Sub(began) < 8*time.Second {
		t.Errorf("after 10s record time went on by %s", now.Sub(began))
	}
	clock.real = began.Add(13 * time.Hour)
	clock.passed += 10 * time.Second
	now := clock.now(began, func(time.Time) bool { return false })
	if now.Sub(began) < 16*time.Second || now.Sub(began) > 20*time.Second {
		t.Errorf("after 20s record time went on by %s", now.Sub(began))
	}
}

func TestC2_ClockIsWrongOnlyBesideAMajorityThatAgrees(t *testing.T) {
	const bound = maxClockDistance
	for _, c := range []struct {
		ahead    []time.Duration
		majority int
		wrong    bool
	}{
		{nil, 1, false},                                                // a cluster of one
		{[]time.Duration{time.Hour}, 2, false},                         // two: which of them is wrong?
		{[]time.Duration{time.Hour, time.Hour}, 2, true},               // three
		{[]time.Duration{-time.Hour, -time.Hour + bound}, 2, true},     // three, the others about the same
		{[]time.Duration{0, time.Hour}, 2, false},                      // another one is wrong
		{[]time.Duration{-time.Hour, time.Hour}, 2, false},             // all differ
		{[]time.Duration{bound, bound}, 2, false},                      // within the bound
		{[]time.Duration{time.Hour, time.Hour, 0, 0}, 3, false},        // five, three of them right
		{[]time.Duration{time.Hour, time.Hour, time.Hour, 0}, 3, true}, // five, two of them wrong
	} {
		if distance := clockDistance(c.ahead, c.majority); (distance != 0) != c.wrong {
			t.Errorf("others are ahead by %v, of which %d are a majority: distance is %s", c.ahead, c.majority, distance)
		}
	}
}

// A leader whose clock is set wrong writes no record with that time, and another server leads.
func TestC2_LeaderWhoseClockIsWrongStepsDown(t *testing.T) {
	wrong := map[string]*atomic.Int64{} // by how much a server's clock was set
	for _, id := range []string{"server-1", "server-2", "server-3"} {
		wrong[id] = &atomic.Int64{}
	}
	c := newCluster(t, 3, func(config *Config) {
		mine := wrong[config.ServerID]
		config.ClocksAhead = func(time.Time) map[string]time.Duration {
			ahead := map[string]time.Duration{}
			for id, w := range wrong {
				ahead[id] = time.Duration(w.Load() - mine.Load())
			}
			return ahead
		}
	})
	leader := c.leader()
	id := leader.config.ServerID
	wrong[id].Store(int64(13 * time.Hour))
	if err := leader.wrongClock(time.Now()); err == nil || !strings.Contains(err.Error(), "13h0m0s ahead of") {
		t.Errorf("the clock is taken for right: %v", err)
	}
	eventually(t, "another server to lead", func() bool { return !leader.IsLeader() && c.leader(leader) != nil })
	var decided time.Time
	c.execute(func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		decided = meta.Now
		return note("a")(view, meta)
	})
	if off := time.Since(decided).Abs(); off > time.Hour {
		t.Errorf("the record's time is %s off", off)
	}
	if c.leader() == leader {
		t.Error("the server whose clock is wrong leads")
	}
}

// A leader that has not noticed yet that its clock is wrong proposes nothing.
func TestC2_NothingIsProposedByAWrongClock(t *testing.T) {
	d := newTestDoor(t)
	right := atomic.Bool{}
	d.timely = right.Load
	p := newPending(note("a"))
	must(t, d.queue.put(p))
	go d.run(t.Context(), 7)
	time.AfterFunc(2*clockEvery, func() { right.Store(true) })
	o := <-p.outcome
	must(t, o.err)
	if !right.Load() {
		t.Error("it was decided by a clock that is wrong")
	}
}
