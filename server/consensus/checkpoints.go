package consensus

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
)

type digest = [sha256.Size]byte

// maxDigests bounds the checkpoints that are remembered; what the leader says about an older one is not compared.
const maxDigests = 16

// checkpoints audits this replica: it counts every invariant again, and compares its digests with the leader's. Both
// read the whole state, so they are done beside the log; the two halves of a comparison come in any order.
type checkpoints struct {
	// views holds states whose digest is to be taken; if it is full, one is skipped.
	views chan *state.View
	// report is called with every digest of our own.
	report func(ctx context.Context, sequence uint64, d digest)
	// broken is called when the state is wrong, or differs from the leader's; it stops the process.
	broken func(message string)

	mu   sync.Mutex
	own  map[uint64]digest
	told map[uint64]digest
}

func newCheckpoints(report func(context.Context, uint64, digest)) *checkpoints {
	return &checkpoints{
		views:  make(chan *state.View, 4),
		report: report,
		broken: func(message string) { panic(message) },
		own:    map[uint64]digest{},
		told:   map[uint64]digest{},
	}
}

// reached says that view is the state at a checkpoint. It does not wait.
func (c *checkpoints) reached(view *state.View) {
	select {
	case c.views <- view:
	default: // too far behind, as while a long log is replayed: this checkpoint is not compared here
	}
}

// run takes digests until ctx is over.
func (c *checkpoints) run(ctx context.Context) {
	for {
		select {
		case view := <-c.views:
			if err := view.Check(); err != nil {
				c.broken(fmt.Sprintf("an invariant of the state does not hold: %v; "+
					"keep this server's data for a bug report", err))
			}
			d := fsm.Digest(view)
			c.keep(c.own, view.Sequence, d)
			c.report(ctx, view.Sequence, d)
		case <-ctx.Done():
			return
		}
	}
}

// leaderSays compares the leader's digest with ours, now or when we have it.
func (c *checkpoints) leaderSays(sequence uint64, d []byte) {
	if len(d) != sha256.Size {
		panic(fmt.Sprintf("the digest of record %d has %d bytes instead of %d", sequence, len(d), sha256.Size))
	}
	c.keep(c.told, sequence, digest(d))
}

func (c *checkpoints) keep(into map[uint64]digest, sequence uint64, d digest) {
	c.mu.Lock()
	into[sequence] = d
	dropOldest(into)
	own, taken := c.own[sequence]
	told, said := c.told[sequence]
	broken := c.broken
	c.mu.Unlock()
	if taken && said && own != told {
		broken(fmt.Sprintf("the state of this server differs from the leader's at record %d: "+
			"digest %x here, %x there; keep this server's data for a bug report, "+
			"then empty it and let the server join anew",
			sequence, own, told))
	}
}

func dropOldest(digests map[uint64]digest) {
	if len(digests) <= maxDigests {
		return
	}
	oldest := ^uint64(0)
	for sequence := range digests {
		oldest = min(oldest, sequence)
	}
	delete(digests, oldest)
}
