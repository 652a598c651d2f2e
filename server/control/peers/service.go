package peers

import (
	"context"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/membership"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/history"
	"github.com/headrace/headrace/server/releases"
	"github.com/headrace/headrace/server/uploads"
)

// Door is what a Service needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	ReadIndex(ctx context.Context) (uint64, error)
}

// Config says what a Service works with.
type Config struct {
	Door     Door
	Dispatch *dispatch.Dispatch
	Releases *releases.Cache
	Uploads  *uploads.Replicas
	History  *history.Replicas
	Logs     LocalLogs // nil: managed logs are elsewhere
	Voters   Voters
	Self     func() *peerv1.DescribeServerResponse
}

// Voters is what a Service needs of package membership.
type Voters interface {
	Admit(ctx context.Context, c membership.Candidate) error
}

// Service is what a server offers to the others.
type Service struct {
	peerv1.UnimplementedPeerServiceServer
	cfg Config
}

// New returns a Service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// GetReadIndex returns the record that a linearizable read must have applied.
func (s *Service) GetReadIndex(
	ctx context.Context,
	_ *peerv1.GetReadIndexRequest,
) (*peerv1.GetReadIndexResponse, error) {
	record, err := s.cfg.Door.ReadIndex(ctx)
	return &peerv1.GetReadIndexResponse{Record: record}, grpcerr.ToStatus(err)
}

// Join says whether a server may take part in the cluster. Its id is compared with those of servers, and kept only if
// it is one that gossip knows.
func (s *Service) Join(ctx context.Context, r *peerv1.JoinRequest) (*peerv1.JoinResponse, error) {
	c := membership.Candidate{ID: r.GetServerId()}
	switch {
	case r.GetHasLog():
		c.Standing = consensus.Member
	case r.GetPromised():
		c.Standing = consensus.Promised
	}
	return &peerv1.JoinResponse{}, grpcerr.ToStatus(s.cfg.Voters.Admit(ctx, c))
}

// DescribeServer says how far this server is.
func (s *Service) DescribeServer(
	context.Context,
	*peerv1.DescribeServerRequest,
) (*peerv1.DescribeServerResponse, error) {
	return s.cfg.Self(), nil
}

// OpenData has an agent open a data stream to another server.
func (s *Service) OpenData(_ context.Context, r *peerv1.OpenDataRequest) (*peerv1.OpenDataResponse, error) {
	err := s.cfg.Dispatch.Ask(r.GetNodeId(), r.GetTicket(), r.GetServerAddress())
	return &peerv1.OpenDataResponse{}, grpcerr.ToStatus(err)
}

// FetchRelease streams an archive that this server has.
func (s *Service) FetchRelease(
	r *peerv1.FetchReleaseRequest,
	stream grpc.ServerStreamingServer[peerv1.FetchReleaseResponse],
) error {
	send := func(chunk []byte) error { return stream.Send(&peerv1.FetchReleaseResponse{Chunk: chunk}) }
	return grpcerr.ToStatus(s.cfg.Releases.StreamLocal(r.GetDigest(), r.GetOffset(), send))
}
