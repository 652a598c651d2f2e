package consensus

import (
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/errs"
)

// Standing is what a data directory says of its server's part in a cluster.
type Standing int

// The standings.
const (
	// Blank is a directory without a log. There may have been one: of a server that voted, it must not vote again.
	Blank Standing = iota
	// Promised is a directory without a log that is promised to this server's id. There never was a log.
	Promised
	// Member is a directory with a log: the server took part, and knows what it voted for.
	Member
)

// ownerKey names the id of the server that a data directory is promised to. It lies among the votes: who loses those
// loses it, too.
var ownerKey = []byte("HeadraceServer")

// Standing returns that of this server's data directory.
func (c *Consensus) Standing() (Standing, error) {
	c.files.Lock()
	defer c.files.Unlock()
	return c.standing()
}

// standing is Standing; files is held.
func (c *Consensus) standing() (Standing, error) {
	if c.closed {
		return Blank, errClosed
	}
	has, err := raft.HasExistingState(c.stores.Log, c.stores.Stable, c.stores.Snapshots)
	switch {
	case err != nil:
		return Blank, fmt.Errorf("cannot look into this server's log: %w", err)
	case has:
		return Member, nil
	case c.owner() == c.config.ServerID:
		return Promised, nil
	}
	return Blank, nil
}

// Promise keeps in the data directory that this server takes part under its id. It is to be called only once it is
// certain that no server voted under that id, or with the directory as it is.
func (c *Consensus) Promise() error {
	c.files.Lock()
	defer c.files.Unlock()
	if c.closed {
		return errClosed
	}
	return c.promise()
}

// promise is Promise; files is held.
func (c *Consensus) promise() error {
	if c.owner() != c.config.ServerID {
		if err := c.stores.Stable.Set(ownerKey, []byte(c.config.ServerID)); err != nil {
			return fmt.Errorf("cannot keep that this data directory is that of server %s: %w", c.config.ServerID, err)
		}
	}
	return nil
}

// LetIn lets the other servers reach this one's Raft. It is to be called only after Promise, and only if one of them is
// about to give this server a vote, or may have given it one: a leader sends to one that was removed for some seconds
// more, and a log without a vote is that of a server that has to stay away.
func (c *Consensus) LetIn() { c.gate.open() }

// owner returns the id that the directory is promised to; empty: none. The stores say by a text that a key is missing.
func (c *Consensus) owner() string {
	id, err := c.stores.Stable.Get(ownerKey)
	if err != nil {
		return ""
	}
	return string(id)
}

// enter lets the others in if this server took part before, or may take part and never voted: without its vote there
// may be nobody who could tell it so again. It refuses the data directory of another server: that would vote a second
// time, under another id.
func (c *Consensus) enter() error {
	c.files.Lock()
	defer c.files.Unlock()
	standing, err := c.standing()
	if err != nil || standing == Blank {
		return err
	}
	if owner := c.owner(); owner != "" && owner != c.config.ServerID {
		return errs.Field("server_id", "cannot be %q: the data directory %s is that of server %s, which voted with it; "+
			"set server_id back, or begin with an empty directory", c.config.ServerID, c.config.DataDir, owner)
	}
	if err := c.promise(); err != nil {
		return err
	}
	c.LetIn()
	return nil
}

// gate keeps the other servers out until this one may take part: who answers votes. Raft takes whatever comes, also on
// behalf of a server that lost its log.
type gate struct{ opened atomic.Bool }

func (g *gate) open() { g.opened.Store(true) }

// closed says whether connections are turned away; without a gate, none are.
func (g *gate) closed() bool { return g != nil && !g.opened.Load() }
