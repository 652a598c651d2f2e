package server

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/seldom"
	"github.com/headrace/headrace/internal/sweep"
	"github.com/headrace/headrace/internal/upload"
	"github.com/headrace/headrace/server/uploads"
)

// sweepUploadsEvery is how often files are looked for that nobody has used for too long.
const sweepUploadsEvery = 10 * time.Minute

// openUploads opens the files that users gave the servers for their job runs.
func (s *Server) openUploads() error {
	store, err := uploads.Open(filepath.Join(s.cfg.DataDir, "uploads"), uploads.DefaultBounds(), s.neededUploads)
	s.uploads = &uploads.Replicas{Local: store, Peers: s.members.whoVotes}
	return err
}

// neededUploads returns the files of job runs that are not over, each once.
func (s *Server) neededUploads() []uploads.Key {
	needed := map[uploads.Key]bool{}
	for run := range s.consensus.View().Unfinished("") {
		for _, file := range upload.Files(run.Spec) {
			needed[uploads.Key{User: run.CreatedBy, Digest: file.Digest}] = true
		}
	}
	return slices.Collect(maps.Keys(needed))
}

// replicateUploads brings the files of job runs that are not over to this server. An upload is on a majority of the
// servers; this one may not have been among them, or its disk may be new.
func (s *Server) replicateUploads(ctx context.Context) {
	log := seldom.New(s.cfg.Log)
	failed := func(key uploads.Key, err error) {
		log.Warn("cannot bring a file that a job run needs here; trying again", "user", key.User, "error", err)
	}
	bringing := uploads.NewBringing(s.uploads)
	s.replicate(ctx, "bringing uploaded files here", func(ctx context.Context) error {
		bringing.Bring(ctx, s.neededUploads(), failed)
		return nil // each file that is lacking has pauses of its own
	})
}

// sweepUploads bounds the files on this server's disk until ctx ends.
func (s *Server) sweepUploads(ctx context.Context) {
	sweep.Every(ctx, sweepUploadsEvery, nil, func() {
		err := s.panics.Do("sweeping uploaded files", func() error {
			_, err := s.uploads.Local.Sweep(time.Now())
			return err
		})
		if err != nil {
			s.cfg.Log.WarnContext(ctx, "cannot remove all uploaded files that are too old or too many; trying again",
				"error", err)
		}
	})
}
