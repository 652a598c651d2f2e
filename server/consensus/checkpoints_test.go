package consensus

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

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

// findings collects what replicas say about differences, instead of stopping the tests.
type findings struct {
	mu  sync.Mutex
	all []string
}

func (f *findings) add(message string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, message)
}

func (f *findings) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.all)
}

// compared says whether a replica compared the checkpoint.
func (c *checkpoints) compared(sequence uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, taken := c.own[sequence]
	_, said := c.told[sequence]
	return taken && said
}

// pastCheckpoint writes until every replica has compared another checkpoint; then nothing is under way.
func (c *cluster) pastCheckpoint(every uint64) {
	c.t.Helper()
	from := c.leader().View().Sequence
	for n := from; n < from+every; n++ {
		c.execute(note(fmt.Sprint("record", n)))
	}
	last := c.leader().View().Sequence / every * every
	for _, m := range c.members {
		eventually(c.t, fmt.Sprintf("comparison at %d", last), func() bool { return m.checkpoints.compared(last) })
	}
}

// Every replica compares; one whose state was changed behind the log's back is found.
func TestCluster_DivergenceIsFound(t *testing.T) {
	const every = 8
	var found findings
	c := newCluster(t, 3, func(config *Config) {
		config.CheckpointEvery = every
		config.HeartbeatTimeout = time.Second
		config.ElectionTimeout = time.Second // this is about another thing
	})
	leader := c.leader()
	odd := c.members[0]
	for _, m := range c.members {
		m.checkpoints.mu.Lock()
		m.checkpoints.broken = found.add
		m.checkpoints.mu.Unlock()
		if m != leader {
			odd = m
		}
	}
	c.execute(note("victim"))
	c.pastCheckpoint(every)
	c.pastCheckpoint(every)
	if found.count() != 0 {
		t.Fatalf("equal replicas differ: %v", found.all)
	}
	tamper(t, odd.machine)
	c.pastCheckpoint(every)
	if found.count() == 0 {
		t.Error("a replica differs and goes on")
	}
}

// tamper changes a request's outcome behind the log's back, while nothing is being applied.
func tamper(t *testing.T, machine *fsm.Machine) {
	t.Helper()
	view := machine.View()
	tx := view.Begin()
	row := *view.Request("victim")
	row.Resource = "tampered"
	tx.PutRequest(row)
	restore(t, machine, tx.Commit())
}
