package membership

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

const (
	askWait     = 2 * time.Second // for one server's answer to the question whether this one may take part
	lonelyAfter = 5 * time.Second // without a leader, a server with a log asks whether it still belongs
)

// Candidate is a server that asks whether it may take part.
type Candidate struct {
	ID       string
	Standing consensus.Standing // of its data directory
}

// Admit answers a candidate; nil: it may take part. Only a server that leads, and has proven it, can tell. One that has
// no vote is about to be made a voter then, if it has kept that it may take part: with a vote and nothing kept it would
// be taken for one that lost its log.
func (m *Membership) Admit(ctx context.Context, c Candidate) error {
	if _, err := m.raft.ReadIndex(ctx); err != nil {
		return err
	}
	servers, err := m.raft.Servers()
	if err != nil {
		return err
	}
	switch votes := has(servers, c.ID); {
	case votes && c.Standing == consensus.Blank:
		return errs.New(errs.WrongState, "cannot take server %[1]s back: its data directory has no log, and a server that "+
			"lost its log must not vote under the id under which it voted before. If the log is lost for good, call "+
			"`headrace cluster remove-server %[1]s`: this server is taken in then as a new one", c.ID)
	case !votes && c.Standing == consensus.Member:
		return errs.New(errs.WrongState, "server %s was removed from the cluster: stop it. To take it in again as a new "+
			"one, start it with an empty data directory", c.ID)
	case !votes && c.Standing == consensus.Promised:
		return m.letIn(c.ID)
	}
	return nil
}

// letIn has keep add a server. It refuses one that gossip does not know yet: only those are kept that it knows.
func (m *Membership) letIn(id string) error {
	known := func(m gossip.Member) bool { return m.ServerID == id && m.Status == gossip.Alive }
	if !slices.ContainsFunc(m.gossip.Members(), known) {
		return errs.New(errs.Unavailable, "cannot let server %s in yet: the leader has not heard of it; it asks again", id)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entering[id] = true
	return nil
}

// whoEnters returns who was let in, and does not vote yet.
func (m *Membership) whoEnters() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.entering)
}

// keepOut forgets that a server was let in.
func (m *Membership) keepOut(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entering, id)
}

// join asks the leader whether this server may take part. One without a log keeps that it may, then asks to be made a
// voter, and lets the others in.
func (m *Membership) join(ctx context.Context, standing consensus.Standing) error {
	if err := m.askLeader(ctx, Candidate{ID: m.gossip.Self().ServerID, Standing: standing}); err != nil {
		return err
	}
	m.setOutside("")
	switch standing {
	case consensus.Blank:
		if err := m.raft.Promise(); err != nil {
			return err
		}
		return m.join(ctx, consensus.Promised)
	case consensus.Promised:
		m.raft.LetIn()
	}
	return nil
}

// askLeader asks one server after the other until one that leads answers. An error that is no refusal says that none
// did.
func (m *Membership) askLeader(ctx context.Context, c Candidate) error {
	var silent error = errs.New(errs.Unavailable, "cannot ask whether this server may take part: no other one is there")
	for _, other := range m.gossip.Members() {
		if other.ServerID == c.ID || other.Status != gossip.Alive || !other.HasState {
			continue
		}
		err := m.askOne(ctx, other, c)
		switch {
		case err == nil:
			return nil
		case errs.Is(err, errs.WrongState):
			m.setOutside(err.Error())
			return err
		}
		silent = errs.New(errs.Unavailable, "cannot ask whether this server may take part: no server that leads answers; "+
			"the last one that was asked, %s, said: %w", other.ServerID, err)
	}
	return silent
}

func (m *Membership) askOne(ctx context.Context, other gossip.Member, c Candidate) error {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	return m.ask(ctx, other, c)
}

// Outside returns why this server takes no part, as the leader said; empty: it does, or waits for an answer.
func (m *Membership) Outside() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outside
}

func (m *Membership) setOutside(why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outside = why
}
