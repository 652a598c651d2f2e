package peers

import (
	"context"
	"crypto/sha256"
	"regexp"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/spec"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/routing"
)

// maxArchive bounds a release's archive, in bytes.
const maxArchive = 4 << 30

var (
	labelPattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
)

// CheckRelease holds the bounds of a release, at the server that takes the upload and once more at the leader.
func CheckRelease(r state.Release) error {
	switch {
	case !labelPattern.MatchString(r.Label):
		return errs.Field("label", "%.80q is not 1 to 64 letters, digits, dots, dashes and underscores", r.Label)
	case r.Label == spec.ProcessRelease:
		return errs.Field("label", "%q is the PROCESS engine's own", r.Label)
	case r.Engine != state.EngineSpark:
		return errs.Field("engine", "only releases of Spark can be added to this version")
	case r.EngineVersion != "" && !versionPattern.MatchString(r.EngineVersion):
		return errs.Field(
			"engine_version",
			"%.80q is not 1 to 64 letters, digits, dots, dashes, pluses and underscores",
			r.EngineVersion,
		)
	case len(r.Digest) != sha256.Size:
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(r.Digest))
	case r.SizeBytes <= 0 || r.SizeBytes > maxArchive:
		return errs.Field("size_bytes", "%d is not between 1 and %d", r.SizeBytes, int64(maxArchive))
	}
	return nil
}

// RecordAtLeader has the leader record a release that this server took. It notes in add which archive that replaced.
func RecordAtLeader(ctx context.Context, leader grpc.ClientConnInterface, add *command.AddRelease) error {
	row := add.Release
	answer, err := peerv1.NewPeerServiceClient(leader).RecordRelease(ctx, &peerv1.RecordReleaseRequest{
		Label:         row.Label,
		Engine:        int32(row.Engine),
		EngineVersion: row.EngineVersion,
		Digest:        row.Digest,
		SizeBytes:     row.SizeBytes,
		AddedBy:       row.AddedBy,
		Replace:       add.Replace,
	})
	add.Replaced = answer.GetReplacedDigest()
	return routing.Answered(err)
}

// RecordRelease records a release that another server took, for the operator whom that server knows.
func (s *Service) RecordRelease(
	ctx context.Context,
	r *peerv1.RecordReleaseRequest,
) (*peerv1.RecordReleaseResponse, error) {
	row := state.Release{
		Label:         r.GetLabel(),
		Engine:        state.Engine(r.GetEngine()),
		EngineVersion: r.GetEngineVersion(),
		Digest:        r.GetDigest(),
		SizeBytes:     r.GetSizeBytes(),
		AddedBy:       r.GetAddedBy(),
	}
	if err := CheckRelease(row); err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	add := &command.AddRelease{Replace: r.GetReplace(), Release: row}
	_, err := s.cfg.Door.Execute(ctx, add.Decide)
	return &peerv1.RecordReleaseResponse{ReplacedDigest: add.Replaced}, grpcerr.ToStatus(err)
}
