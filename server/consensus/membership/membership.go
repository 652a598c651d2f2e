package membership

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/seldom"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// lookEvery is how often it looks without news: what failed is tried again.
const lookEvery = time.Second

// raft is what membership needs of package consensus.
type raft interface {
	Standing() (consensus.Standing, error)
	Promise() error
	LetIn()
	Bootstrap(servers []consensus.Server) error
	Servers() ([]consensus.Server, error)
	AddServer(server consensus.Server) error
	RemoveServer(id string) error
	IsLeader() bool
	Leader() (id, address string)
	ReadIndex(ctx context.Context) (uint64, error)
	HandOver()
}

// talk is what membership needs of package gossip.
type talk interface {
	Self() gossip.Member
	Members() []gossip.Member
	Changed() <-chan struct{}
	Update(change func(*gossip.Member)) error
	Forget(absent func(id string) bool)
}

// Ask asks another server whether a candidate may take part: its Admit, with an error of the same kind.
type Ask func(ctx context.Context, other gossip.Member, c Candidate) error

// Membership brings gossip and Raft together. Run is called once; Admit, Remove and Outside by many goroutines.
type Membership struct {
	raft   raft
	gossip talk
	ask    Ask
	expect int // so many servers begin a cluster together; 0: this one only joins
	log    *slog.Logger
	choice []consensus.Server // published; never changed
	ledAt  time.Time          // when a leader was known last
	said   *seldom.Cause      // what is wrong with this server's part
	failed *seldom.Cause      // what its work as the leader failed at

	changing sync.Mutex // held by who changes the voters

	mu       sync.Mutex
	entering map[string]bool // those who may take part, and have no vote yet; gossip knows them
	voted    map[string]bool // who had a vote since this server was started
	outside  string          // why this server takes no part
}

// New returns a Membership of a server's two parts, which begins a cluster with so many servers; 0: it only joins one.
func New(c *consensus.Consensus, g *gossip.Gossip, expect int, ask Ask, log *slog.Logger) *Membership {
	return &Membership{
		raft:     c,
		gossip:   g,
		ask:      ask,
		expect:   expect,
		log:      log,
		ledAt:    time.Now(),
		said:     seldom.NewCause(log),
		failed:   seldom.NewCause(log),
		entering: map[string]bool{},
		voted:    map[string]bool{},
	}
}

// Run works until ctx is over. Nothing that it fails to do is a reason to stop: it is tried again.
func (m *Membership) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		m.said.Warn("this server takes no part in the cluster, or hears of no leader", m.begin(ctx))
		m.failed.Warn("cannot keep the voters as they should be; trying again", m.keep())
		select {
		case <-m.gossip.Changed():
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// begin has this server take part: it begins a cluster with others, or asks the leader of one that is there. A server
// that took part before asks only if it hears of no leader: it may have been removed.
func (m *Membership) begin(ctx context.Context) error {
	standing, err := m.raft.Standing()
	if err != nil {
		return err
	}
	if standing == consensus.Member {
		return m.stay(ctx)
	}
	if m.choice != nil && agreed(m.choice, m.gossip.Members()) {
		m.log.Info("beginning a cluster", "servers", m.choice)
		if err := m.raft.Bootstrap(m.choice); err != nil {
			return err
		}
		return m.stay(ctx) // the others are to know at once that there is a cluster
	}
	if begun(m.gossip.Members()) {
		return m.join(ctx, standing)
	}
	return m.choose()
}

// stay tells the others that this server has a log, and asks whether it still belongs if it has heard of no leader for
// a while.
func (m *Membership) stay(ctx context.Context) error {
	if !m.gossip.Self().HasState {
		m.tell(func(me *gossip.Member) { me.HasState = true })
		return nil
	}
	if id, _ := m.raft.Leader(); id != "" {
		m.ledAt = time.Now()
		m.setOutside("")
		return nil
	}
	if time.Since(m.ledAt) < lonelyAfter || !begun(m.others()) {
		return nil
	}
	return m.join(ctx, consensus.Member)
}

// others returns all servers but this one.
func (m *Membership) others() (others []gossip.Member) {
	self := m.gossip.Self().ServerID
	for _, member := range m.gossip.Members() {
		if member.ServerID != self {
			others = append(others, member)
		}
	}
	return others
}

// choose publishes the servers with which this one would begin a cluster, when there are enough. That it may take part
// is kept before: another of them may begin while this one is away.
func (m *Membership) choose() (err error) {
	if m.choice != nil || m.expect == 0 {
		return nil
	}
	if m.gossip.Self().BootstrapExpect == 0 {
		m.tell(func(me *gossip.Member) { me.BootstrapExpect = m.expect })
	}
	choice, err := choose(m.gossip.Self(), m.gossip.Members())
	if choice == nil {
		return err
	}
	if err := m.raft.Promise(); err != nil {
		return err
	}
	m.raft.LetIn()
	m.choice = choice
	m.tell(func(me *gossip.Member) { me.Choice = name(m.choice) })
	return nil
}

// tell changes what this server tells the others of itself.
func (m *Membership) tell(change func(*gossip.Member)) {
	if err := m.gossip.Update(change); err != nil {
		m.log.Info("gossip is slow", "error", err)
	}
}

// keep makes one change of voters if this server leads: Raft makes one at a time.
func (m *Membership) keep() error {
	if err := m.noteVoters(); err != nil || !m.raft.IsLeader() {
		return err
	}
	m.changing.Lock()
	defer m.changing.Unlock()
	servers, err := m.raft.Servers()
	if err != nil {
		return err
	}
	next := voters(servers, m.gossip.Members(), m.whoEnters())
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
