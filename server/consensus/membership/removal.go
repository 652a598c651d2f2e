package membership

import (
	"context"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/consensus"
)

// Remove takes a server's vote. running are the servers that run and take part. Without force it refuses when the rest
// could decide nothing. A leader that is to go hands over first; its error has the next one asked. One that this server
// saw vote since it was started, and that has no vote any more, is no error.
func (m *Membership) Remove(ctx context.Context, id string, running []string, force bool) error {
	m.changing.Lock()
	defer m.changing.Unlock()
	if _, err := m.raft.ReadIndex(ctx); err != nil {
		return err
	}
	servers, err := m.raft.Servers()
	if err != nil {
		return err
	}
	if !has(servers, id) {
		return m.absent(id, servers)
	}
	if err := removable(servers, id, running, force); err != nil {
		return err
	}
	if id == m.gossip.Self().ServerID {
		m.raft.HandOver()
		return errs.New(errs.NotLeader, "server %s leads, and hands over before it is removed", id)
	}
	m.keepOut(id)
	m.log.InfoContext(ctx, "removing a server, as an operator asked", "id", id, "force", force)
	return m.raft.RemoveServer(id)
}

// absent is nil if a server voted once, as far as this server knows.
func (m *Membership) absent(id string, servers []consensus.Server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.voted[id] {
		return nil
	}
	return errs.New(errs.NotFound, "there is no server %q: the servers are %s", id, strings.Join(ids(servers), ", "))
}

// removable refuses to remove the last server, and unless forced a server without which the others cannot decide.
func removable(servers []consensus.Server, id string, running []string, force bool) error {
	rest := slices.DeleteFunc(ids(servers), func(other string) bool { return other == id })
	if len(rest) == 0 {
		return errs.New(errs.WrongState, "cannot remove server %s: it is the only one", id)
	}
	up := slices.DeleteFunc(slices.Clone(rest), func(other string) bool { return !slices.Contains(running, other) })
	if needed := len(rest)/2 + 1; len(up) < needed && !force {
		return errs.New(errs.WrongState, "cannot remove server %s: of the other %d, %d have to run for decisions, and %d do "+
			"(%s). Start the others first; --force removes it all the same, and the cluster may decide nothing any more then",
			id, len(rest), needed, len(up), strings.Join(up, ", "))
	}
	return nil
}

// noteVoters remembers who votes, which ends their entering, and forgets in gossip who is gone and does not.
func (m *Membership) noteVoters() error {
	servers, err := m.raft.Servers()
	if err != nil || len(servers) == 0 {
		return err
	}
	m.mu.Lock()
	for _, s := range servers {
		m.voted[s.ID] = true
		delete(m.entering, s.ID)
	}
	if !m.raft.IsLeader() {
		clear(m.entering) // another leader lets in, and removes
	}
	m.mu.Unlock()
	m.gossip.Forget(func(gone string) bool { return !has(servers, gone) })
	return nil
}

func ids(servers []consensus.Server) (all []string) {
	for _, s := range servers {
		all = append(all, s.ID)
	}
	return all
}
