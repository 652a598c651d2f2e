package control

import (
	"context"
	"crypto/sha256"
	"io"
	"regexp"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// maxArchive bounds a release's archive, in bytes.
const maxArchive = 4 << 30

var (
	labelPattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
)

// AddRelease takes a release's archive into this server's cache; the other servers fetch it from here when they need it. What the door
// would refuse is refused before the upload.
func (c *cluster) AddRelease(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	if header == nil {
		return errs.New(errs.Invalid, "an upload begins with its header")
	}
	add := addOf(header, caller.Of(stream.Context()).User)
	if err := checkRelease(add.Release); err != nil {
		return err
	}
	view, err := c.read(stream.Context(), false)
	if err != nil {
		return err
	}
	if err := add.Check(view, c.cfg.Limits); err != nil {
		return err
	}
	if err := c.cfg.Releases.Store(header.GetDigest(), header.GetSizeBytes(), chunks(stream)); err != nil {
		return err
	}
	if err := c.recordRelease(stream.Context(), add); err != nil {
		return err
	}
	row := add.Release
	return stream.SendAndClose(&controlv1.AddReleaseResponse{Release: release(readyNodes(c.cfg.Door.View()), releaseOf(&row), &row), ReplacedDigest: add.Replaced})
}

func addOf(h *controlv1.AddReleaseHeader, by string) *command.AddRelease {
	return &command.AddRelease{Replace: h.GetReplace(), Release: state.Release{Label: h.GetLabel(), Engine: state.Engine(h.GetEngine()),
		EngineVersion: h.GetEngineVersion(), Digest: h.GetDigest(), SizeBytes: h.GetSizeBytes(), AddedBy: by}}
}

// recordRelease brings it to the leader's door, from whichever server took the upload.
func (c *cluster) recordRelease(ctx context.Context, add *command.AddRelease) error {
	_, err := c.retry(ctx, func(ctx context.Context) (any, error) {
		if !c.cfg.Door.IsLeader() {
			return nil, c.recordAtLeader(ctx, add)
		}
		_, _, err := c.execute(ctx, add.Decide)
		return nil, err
	})
	return err
}

func (c *cluster) recordAtLeader(ctx context.Context, add *command.AddRelease) error {
	leader, err := c.cfg.Members.Leader()
	if err != nil {
		return err
	}
	row := add.Release
	answer, err := peerv1.NewPeerServiceClient(leader).RecordRelease(ctx, &peerv1.RecordReleaseRequest{Label: row.Label, Engine: int32(row.Engine),
		EngineVersion: row.EngineVersion, Digest: row.Digest, SizeBytes: row.SizeBytes, AddedBy: row.AddedBy, Replace: add.Replace})
	add.Replaced = answer.GetReplacedDigest()
	return answered(err)
}

// checkRelease holds the bounds of a release, at the server that takes the upload and once more at the leader.
func checkRelease(r state.Release) error {
	switch {
	case !labelPattern.MatchString(r.Label):
		return errs.Field("label", "%.80q is not 1 to 64 letters, digits, dots, dashes and underscores", r.Label)
	case r.Label == spec.ProcessRelease:
		return errs.Field("label", "%q is the PROCESS engine's own", r.Label)
	case r.Engine != state.EngineSpark:
		return errs.Field("engine", "only releases of Spark can be added to this version")
	case r.EngineVersion != "" && !versionPattern.MatchString(r.EngineVersion):
		return errs.Field("engine_version", "%.80q is not 1 to 64 letters, digits, dots, dashes, pluses and underscores", r.EngineVersion)
	case len(r.Digest) != sha256.Size:
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(r.Digest))
	case r.SizeBytes <= 0 || r.SizeBytes > maxArchive:
		return errs.Field("size_bytes", "%d is not between 1 and %d", r.SizeBytes, int64(maxArchive))
	}
	return nil
}

// chunks reads an upload as a stream of bytes.
func chunks(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) io.Reader {
	return &chunk.Reader{Next: func() ([]byte, error) {
		m, err := stream.Recv()
		return m.GetChunk(), err
	}}
}
