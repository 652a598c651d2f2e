package server

import (
	"errors"
	"sync"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
	"github.com/headrace/headrace/server/consensus/membership"
	"github.com/headrace/headrace/server/control/routing"
)

// members knows the servers: Raft says who votes and who leads, gossip says where they are.
type members struct {
	consensus *consensus.Consensus
	gossip    *gossip.Gossip
	voters    *membership.Membership
	dial      []grpc.DialOption

	mu          sync.Mutex
	connections map[string]*grpc.ClientConn // by gRPC address
}

// ID returns this server's id.
func (m *members) ID() string { return m.gossip.Self().ServerID }

// Address returns this server's gRPC address.
func (m *members) Address() string { return m.gossip.Self().GRPCAddress }

// Addresses returns the gRPC addresses of all servers that have not left.
func (m *members) Addresses() []string {
	var addresses []string
	for _, member := range m.gossip.Members() {
		if member.Status != gossip.Left {
			addresses = append(addresses, member.GRPCAddress)
		}
	}
	return addresses
}

// Listeners returns all addresses at which the servers that have not left listen.
func (m *members) Listeners() (all []string) {
	for _, member := range m.gossip.Members() {
		if member.Status == gossip.Left {
			continue
		}
		for _, address := range []string{
			member.HTTPAddress,
			member.GRPCAddress,
			member.RaftAddress,
			member.GossipAddress,
		} {
			if address != "" {
				all = append(all, address)
			}
		}
	}
	return all
}

// LeaderAddress returns the leader's gRPC address; empty when this server knows none.
func (m *members) LeaderAddress() string {
	leader, _ := m.consensus.Leader()
	for _, member := range m.gossip.Members() {
		if leader != "" && member.ServerID == leader {
			return member.GRPCAddress
		}
	}
	return ""
}

// Leader returns a connection to the leader.
func (m *members) Leader() (grpc.ClientConnInterface, error) {
	address := m.LeaderAddress()
	if why := m.voters.Outside(); address == "" && why != "" {
		return nil, errs.New(errs.Unavailable, "%w: %s", routing.ErrOutside, why)
	}
	if address == "" {
		return nil, errs.New(errs.Unavailable,
			"the cluster has no leader now; it elects one within seconds while a majority of its servers runs")
	}
	return m.connection(address)
}

// connection returns the connection to a server, which is kept.
func (m *members) connection(address string) (*grpc.ClientConn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.connections[address]; c != nil {
		return c, nil
	}
	c, err := grpc.NewClient(address, m.dial...)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot reach the server at %s: %w", address, err)
	}
	m.connections[address] = c
	return c, nil
}

// close ends all connections.
func (m *members) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all error
	for _, c := range m.connections {
		all = errors.Join(all, c.Close())
	}
	return all
}
