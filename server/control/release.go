package control

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/peers"
)

// archived is how an archive arrives: its header first, then its bytes.
type archived = grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]

// AddRelease takes a release's archive into this server's cache. The other servers fetch it from here when they need
// it. What the door would refuse is refused before the upload.
func (c *cluster) AddRelease(stream archived) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	if header == nil {
		return errs.New(errs.Invalid, "an upload begins with its header")
	}
	add := addOf(header, caller.Of(stream.Context()).User)
	if err := c.checkRelease(stream.Context(), add); err != nil {
		return err
	}
	if err := c.cfg.Releases.Store(header.GetDigest(), header.GetSizeBytes(), chunks(stream)); err != nil {
		return err
	}
	if err := c.recordRelease(stream.Context(), add); err != nil {
		return err
	}
	row := add.Release
	return stream.SendAndClose(&controlv1.AddReleaseResponse{
		Release:        message.Release(c.cfg.Door.View(), &row),
		ReplacedDigest: add.Replaced,
	})
}

func addOf(h *controlv1.AddReleaseHeader, by string) *command.AddRelease {
	row := state.Release{
		Label:         h.GetLabel(),
		Engine:        state.Engine(h.GetEngine()),
		EngineVersion: h.GetEngineVersion(),
		Digest:        h.GetDigest(),
		SizeBytes:     h.GetSizeBytes(),
		AddedBy:       by,
	}
	return &command.AddRelease{Replace: h.GetReplace(), Release: row}
}

// checkRelease holds that the door would record a release.
func (c *cluster) checkRelease(ctx context.Context, add *command.AddRelease) error {
	if err := peers.CheckRelease(add.Release); err != nil {
		return err
	}
	view, err := c.router.Read(ctx, false)
	if err != nil {
		return err
	}
	return add.Check(view, c.cfg.Limits)
}

// recordRelease brings a release to the leader's door, from whichever server took the upload.
func (c *cluster) recordRelease(ctx context.Context, add *command.AddRelease) error {
	here := func(ctx context.Context) error {
		_, _, err := c.execute(ctx, add.Decide)
		return err
	}
	there := func(ctx context.Context, leader grpc.ClientConnInterface) error {
		return peers.RecordAtLeader(ctx, leader, add)
	}
	return c.router.Retry(ctx, func(ctx context.Context) error { return c.router.AtLeader(ctx, here, there) })
}

// chunks reads an upload as a stream of bytes.
func chunks(stream archived) io.Reader {
	return &chunk.Reader{Next: chunk.Of(stream.Recv, (*controlv1.AddReleaseRequest).GetChunk)}
}

// ListReleases returns the releases of the table, newest first, then those that only this cluster has, by label.
func (c *cluster) ListReleases(
	ctx context.Context,
	r *controlv1.ListReleasesRequest,
) (*controlv1.ListReleasesResponse, error) {
	view, err := c.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	return &controlv1.ListReleasesResponse{Releases: message.Releases(view)}, nil
}
