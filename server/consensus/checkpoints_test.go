package consensus

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
)

func ignore(context.Context, uint64, digest) {}

func TestCheckpoints_DifferenceStops(t *testing.T) {
	for name, compare := range map[string]func(c *checkpoints, ours, theirs digest){
		"ours first":   func(c *checkpoints, a, b digest) { c.keep(c.own, 8, a); c.leaderSays(8, b[:]) },
		"theirs first": func(c *checkpoints, a, b digest) { c.leaderSays(8, b[:]); c.keep(c.own, 8, a) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCheckpoints(ignore)
			compare(c, digest{1}, digest{1})
			defer func() {
				if recover() == nil {
					t.Error("replicas differ and go on")
				}
			}()
			compare(newCheckpoints(ignore), digest{1}, digest{2})
		})
	}
}

func TestCheckpoints_WithoutADigestOfOurOwnNothingIsCompared(t *testing.T) {
	c := newCheckpoints(ignore)
	d := digest{1}
	for sequence := range uint64(3 * maxDigests) {
		c.leaderSays(sequence, d[:])
	}
	if len(c.told) > maxDigests {
		t.Errorf("keeps %d digests, the bound is %d", len(c.told), maxDigests)
	}
}

func TestCheckpoints_NeverMakeTheLogWait(t *testing.T) {
	c := newCheckpoints(ignore) // nobody takes digests
	for range 100 {
		c.reached(state.New())
	}
}

// Every replica compares; one whose state was changed behind the log's back is found.
func TestCluster_DivergenceIsFound(t *testing.T) {
	c := newCluster(t, 3, func(config *Config) { config.CheckpointEvery = 8 })
	var mu sync.Mutex
	var found []string
	leader := c.leader()
	var odd *member
	for _, m := range c.members {
		if m != leader {
			odd = m
		}
	}
	odd.checkpoints.mu.Lock()
	odd.checkpoints.differ = func(message string) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, message)
	}
	odd.checkpoints.mu.Unlock()
	compared := func(m *member, from uint64) (n int) {
		m.checkpoints.mu.Lock()
		defer m.checkpoints.mu.Unlock()
		for sequence := range m.checkpoints.own {
			if _, told := m.checkpoints.told[sequence]; told && sequence > from {
				n++
			}
		}
		return n
	}
	for i := range 20 {
		c.execute(note(fmt.Sprint(i)))
	}
	for _, m := range c.members {
		eventually(t, "two comparisons, after which the log is quiet", func() bool { return compared(m, 0) == 2 })
	}
	if len(found) != 0 {
		t.Fatalf("equal replicas differ: %v", found)
	}
	tamper(t, odd.machine)
	from := leader.View().Sequence
	for i := range 20 {
		c.execute(note(fmt.Sprint("more", i)))
	}
	eventually(t, "the divergence to be found", func() bool { mu.Lock(); defer mu.Unlock(); return len(found) > 0 })
	for _, m := range c.members {
		eventually(t, "a comparison", func() bool { return compared(m, from) > 0 })
	}
}

// tamper changes a request's outcome behind the log's back, while nothing is being applied.
func tamper(t *testing.T, machine *fsm.Machine) {
	t.Helper()
	view := machine.View()
	tx := view.Begin()
	row := *view.Request("0")
	row.Resource = "tampered"
	tx.PutRequest(row)
	restore(t, machine, tx.Commit())
}
