package server

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
	"github.com/headrace/headrace/server/consensus/membership"
	"github.com/headrace/headrace/server/copies"
)

// describeWait is how long another server may take to say how far it is. What takes longer does not run, to people.
const describeWait = 800 * time.Millisecond

// List returns all servers, by id: those that vote, and those that are there without a vote. Each is asked how far it
// is, all at once: what gossip says of them may be seconds old.
func (m *members) List(ctx context.Context) []*controlv1.Server {
	list := m.known()
	ctx, cancel := context.WithTimeout(ctx, describeWait)
	defer cancel()
	var asking sync.WaitGroup
	for _, row := range list {
		asking.Go(func() { m.lookAt(ctx, row) })
	}
	asking.Wait()
	return list
}

// known returns all servers by what Raft and gossip say, by id.
func (m *members) known() (list []*controlv1.Server) {
	leader, _ := m.consensus.Leader()
	votes := map[string]bool{}
	servers, _ := m.consensus.Servers() // none: nobody votes, as far as this server knows
	for _, s := range servers {
		votes[s.ID] = true
		list = append(list, &controlv1.Server{
			ServerId:    s.ID,
			RaftAddress: s.Address,
			Leader:      s.ID == leader,
			Voter:       true,
		})
	}
	for _, member := range m.gossip.Members() {
		if !votes[member.ServerID] && member.Status == gossip.Alive {
			list = append(list, &controlv1.Server{ServerId: member.ServerID, RaftAddress: member.RaftAddress})
		}
	}
	m.addTold(list)
	slices.SortFunc(list, func(a, b *controlv1.Server) int { return cmp.Compare(a.GetServerId(), b.GetServerId()) })
	return list
}

// whoVotes returns the servers that vote, with connections to those that gossip knows.
func (m *members) whoVotes() (voters copies.Voters) {
	servers, err := m.consensus.Servers()
	if err != nil || len(servers) == 0 {
		return voters
	}
	self := m.gossip.Self().ServerID
	votes := func(id string) bool {
		return slices.ContainsFunc(servers, func(s consensus.Server) bool { return s.ID == id })
	}
	for _, known := range m.gossip.Members() {
		if known.ServerID == self || !votes(known.ServerID) {
			continue
		}
		if c, err := m.connection(known.GRPCAddress); err == nil {
			voters.Others = append(voters.Others, c)
		}
	}
	voters.Self = votes(self)
	voters.Majority = len(servers)/2 + 1
	return voters
}

// addTold adds what servers tell of themselves in gossip, which those do not that were never there.
func (m *members) addTold(list []*controlv1.Server) {
	for _, member := range m.gossip.Members() {
		for _, row := range list {
			if row.GetServerId() == member.ServerID {
				row.GrpcAddress = member.GRPCAddress
				row.Version = member.Version
			}
		}
	}
}

// lookAt asks a server how far it is, and adds it to its row.
func (m *members) lookAt(ctx context.Context, row *controlv1.Server) {
	answer, err := m.ask(ctx, row)
	row.Alive = err == nil || status.Code(err) == codes.Unimplemented // an older version runs, too
	if err != nil {
		return
	}
	row.Version = answer.GetVersion()
	row.AppliedRecord = answer.GetAppliedRecord()
	row.Outside = answer.GetOutside()
}

// ask asks a server, which may be this one, what it says of itself. Whoever answers under another id is not the one.
func (m *members) ask(ctx context.Context, row *controlv1.Server) (*peerv1.DescribeServerResponse, error) {
	if row.GetServerId() == m.ID() {
		return m.describe(), nil
	}
	if row.GetGrpcAddress() == "" {
		return nil, status.Error(codes.Unavailable, "its address is not known")
	}
	conn, err := m.connection(row.GetGrpcAddress())
	if err != nil {
		return nil, err
	}
	answer, err := peerv1.NewPeerServiceClient(conn).DescribeServer(ctx, &peerv1.DescribeServerRequest{})
	if err == nil && answer.GetServerId() != row.GetServerId() {
		return nil, status.Errorf(codes.Unavailable, "server %s is at its address", answer.GetServerId())
	}
	return answer, err
}

// describe says how far this server is.
func (m *members) describe() *peerv1.DescribeServerResponse {
	return &peerv1.DescribeServerResponse{
		ServerId:      m.ID(),
		Version:       m.gossip.Self().Version,
		AppliedRecord: m.consensus.View().Sequence,
		Outside:       m.voters.Outside(),
	}
}

// Remove takes a server's vote; see package membership.
func (m *members) Remove(ctx context.Context, id string, force bool) error {
	var running []string
	for _, row := range m.List(ctx) {
		if row.GetAlive() && row.GetOutside() == "" {
			running = append(running, row.GetServerId())
		}
	}
	return m.voters.Remove(ctx, id, running, force)
}

// askJoin asks another server whether a candidate may take part.
func (m *members) askJoin(ctx context.Context, other gossip.Member, c membership.Candidate) error {
	conn, err := m.connection(other.GRPCAddress)
	if err != nil {
		return err
	}
	_, err = peerv1.NewPeerServiceClient(conn).Join(ctx, &peerv1.JoinRequest{
		ServerId: c.ID,
		HasLog:   c.Standing == consensus.Member,
		Promised: c.Standing == consensus.Promised,
	})
	return grpcerr.FromStatus(err)
}
