package membership

import (
	"context"
	"log/slog"
	"time"

	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// lookEvery is how often it looks without news: what failed is tried again.
const lookEvery = time.Second

// raft is what membership needs of package consensus.
type raft interface {
	HasState() (bool, error)
	Bootstrap(servers []consensus.Server) error
	Servers() ([]consensus.Server, error)
	AddServer(server consensus.Server) error
	RemoveServer(id string) error
	IsLeader() bool
}

// talk is what membership needs of package gossip.
type talk interface {
	Self() gossip.Member
	Members() []gossip.Member
	Changed() <-chan struct{}
	Update(change func(*gossip.Member)) error
}

// Membership brings gossip and Raft together. It belongs to the goroutine of Run.
type Membership struct {
	raft   raft
	gossip talk
	log    *slog.Logger
	choice []consensus.Server // published; never changed
	said   string             // the last complaint, to say it once
}

// New returns a Membership of a server's two parts.
func New(c *consensus.Consensus, g *gossip.Gossip, log *slog.Logger) *Membership {
	return &Membership{raft: c, gossip: g, log: log}
}

// Run works until ctx is over. Nothing that it fails to do is a reason to stop: it is tried again.
func (m *Membership) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		m.complain(m.begin())
		if m.raft.IsLeader() {
			m.complain(m.keep())
		}
		select {
		case <-m.gossip.Changed():
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// begin bootstraps Raft when the time has come.
func (m *Membership) begin() error {
	self := m.gossip.Self()
	if self.HasState {
		return nil
	}
	has, err := m.raft.HasState()
	if err != nil {
		return err
	}
	if has {
		return m.gossip.Update(func(me *gossip.Member) { me.HasState = true })
	}
	if m.choice == nil {
		if m.choice, err = choose(self, m.gossip.Members()); m.choice == nil {
			return err
		}
		return m.gossip.Update(func(me *gossip.Member) { me.Choice = name(m.choice) })
	}
	if !agreed(m.choice, m.gossip.Members()) {
		return nil
	}
	m.log.Info("beginning a cluster", "servers", m.choice)
	return m.raft.Bootstrap(m.choice)
}

// keep makes one change of voters: Raft makes one at a time.
func (m *Membership) keep() error {
	servers, err := m.raft.Servers()
	if err != nil {
		return err
	}
	next := voters(servers, m.gossip.Members())
	for _, id := range next.remove {
		m.log.Info("removing a server", "id", id)
		return m.raft.RemoveServer(id)
	}
	for _, server := range next.add {
		m.log.Info("adding a server", "id", server.ID, "address", server.Address)
		return m.raft.AddServer(server)
	}
	return nil
}

// complain logs an error once.
func (m *Membership) complain(err error) {
	if err == nil {
		return
	}
	if text := err.Error(); text != m.said {
		m.said = text
		m.log.Warn("membership", "error", err)
	}
}
