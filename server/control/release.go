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
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// The bounds of a release, in bytes.
const (
	maxArchive       = 4 << 30
	maxEngineVersion = 64
)

var labelPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// AddRelease takes a release's archive into this server's cache; the other servers fetch it from here when they need it. What the door
// would refuse is refused before the upload.
func (c *cluster) AddRelease(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	if err := checkRelease(header); err != nil {
		return err
	}
	view, err := c.read(stream.Context(), false)
	if err != nil {
		return err
	}
	add := addOf(header, caller.Of(stream.Context()).User)
	if err := add.Check(view); err != nil {
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

func checkRelease(h *controlv1.AddReleaseHeader) error {
	switch {
	case h == nil:
		return errs.New(errs.Invalid, "an upload begins with its header")
	case !labelPattern.MatchString(h.GetLabel()):
		return errs.Field("label", "%q is not 1 to 64 letters, digits, dots, dashes and underscores", h.GetLabel())
	case h.GetLabel() == command.ProcessRelease:
		return errs.Field("label", "%q is the PROCESS engine's own", h.GetLabel())
	case h.GetEngine() != controlv1.Engine_ENGINE_SPARK:
		return errs.Field("engine", "only releases of Spark can be added to this version")
	case len(h.GetEngineVersion()) > maxEngineVersion:
		return errs.Field("engine_version", "it has %d bytes; the most is %d", len(h.GetEngineVersion()), maxEngineVersion)
	case len(h.GetDigest()) != sha256.Size:
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(h.GetDigest()))
	case h.GetSizeBytes() <= 0 || h.GetSizeBytes() > maxArchive:
		return errs.Field("size_bytes", "%d is not between 1 and %d", h.GetSizeBytes(), int64(maxArchive))
	}
	return checkPrintable("engine_version", "", h.GetEngineVersion())
}

// chunks reads an upload as a stream of bytes.
func chunks(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) io.Reader {
	return &chunk.Reader{Next: func() ([]byte, error) {
		m, err := stream.Recv()
		return m.GetChunk(), err
	}}
}
