package control

import (
	"context"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/command"
)

// Peer is what a server offers to the others.
type Peer struct {
	peerv1.UnimplementedPeerServiceServer
	*Control
}

// GetReadIndex returns the record that a linearizable read must have applied.
func (p *Peer) GetReadIndex(ctx context.Context, _ *peerv1.GetReadIndexRequest) (*peerv1.GetReadIndexResponse, error) {
	record, err := p.cfg.Door.ReadIndex(ctx)
	return &peerv1.GetReadIndexResponse{Record: record}, grpcerr.ToStatus(err)
}

// OpenData has an agent open a Data stream to another server.
func (p *Peer) OpenData(_ context.Context, r *peerv1.OpenDataRequest) (*peerv1.OpenDataResponse, error) {
	err := p.cfg.Dispatch.Ask(r.GetNodeId(), r.GetTicket(), r.GetServerAddress())
	return &peerv1.OpenDataResponse{}, grpcerr.ToStatus(err)
}

// RecordRelease records a release that another server took, for the operator whom that server knows.
func (p *Peer) RecordRelease(ctx context.Context, r *peerv1.RecordReleaseRequest) (*peerv1.RecordReleaseResponse, error) {
	add := &command.AddRelease{Replace: r.GetReplace(), Release: state.Release{Label: r.GetLabel(), Engine: state.Engine(r.GetEngine()),
		EngineVersion: r.GetEngineVersion(), Digest: r.GetDigest(), SizeBytes: r.GetSizeBytes(), AddedBy: r.GetAddedBy()}}
	if err := checkRelease(add.Release); err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	_, _, err := p.execute(ctx, add.Decide)
	return &peerv1.RecordReleaseResponse{ReplacedDigest: add.Replaced}, grpcerr.ToStatus(err)
}

// FetchRelease streams an archive that this server has.
func (p *Peer) FetchRelease(r *peerv1.FetchReleaseRequest, stream grpc.ServerStreamingServer[peerv1.FetchReleaseResponse]) error {
	return grpcerr.ToStatus(p.cfg.Releases.StreamLocal(r.GetDigest(), r.GetOffset(), func(chunk []byte) error {
		return stream.Send(&peerv1.FetchReleaseResponse{Chunk: chunk})
	}))
}
