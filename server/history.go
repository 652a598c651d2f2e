package server

import (
	"context"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/seldom"
	"github.com/headrace/headrace/internal/sweep"
	"github.com/headrace/headrace/server/history"
)

// sweepHistoryEvery is how often segments are looked for that the log does not name any more.
const sweepHistoryEvery = 10 * time.Minute

// openHistory opens the segments on this server's disk.
func (s *Server) openHistory() error {
	store, err := history.OpenStore(filepath.Join(s.cfg.DataDir, "history"))
	s.segments = &history.Replicas{Local: store, Peers: s.members.whoVotes, Log: s.cfg.Log}
	s.history = history.New(s.segments)
	return err
}

// archive moves job runs into the history while this server leads.
func (s *Server) archive(ctx context.Context, _ uint64) error {
	archiver := &history.Archiver{
		Door:     s.consensus,
		Replicas: s.segments,
		Limits:   s.cfg.limits(),
		Log:      s.cfg.Log,
		Panics:   s.panics,
	}
	archiver.Run(ctx)
	return nil
}

// replicateHistory brings every segment that the log names to this server, one after another.
func (s *Server) replicateHistory(ctx context.Context) {
	log := seldom.New(s.cfg.Log)
	failed := func(segment *state.Segment, err error) {
		log.Warn("cannot bring a segment of the history here; trying again", "segment", segment.Name(), "error", err)
	}
	bringing := history.NewBringing(s.segments)
	s.replicate(ctx, "bringing the history here", func(ctx context.Context) error {
		return bringing.Bring(ctx, s.consensus.View(), failed)
	})
}

// sweepHistory removes segments that the log does not name any more, until ctx ends.
func (s *Server) sweepHistory(ctx context.Context) {
	trouble := seldom.NewCause(s.cfg.Log)
	sweep.Every(ctx, sweepHistoryEvery, nil, func() {
		err := s.panics.Do("sweeping the history", func() error {
			view, err := s.fresh(ctx)
			if err != nil {
				return nil //nolint:nilerr // nobody knows what is acknowledged; nothing goes until somebody does
			}
			_, err = s.segments.Local.Sweep(view, time.Now())
			return err
		})
		trouble.Warn("cannot remove segments of the history that are given up; trying again", err)
	})
}

// recall returns a view that has a run, though it is over and left the state.
func (s *Server) recall(ctx context.Context, view *state.View, run string) (*state.View, error) {
	return s.history.Recall(ctx, view, run)
}
