package history

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/seldom"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
)

const (
	// lookEvery is how often the leader looks whether runs are to leave.
	lookEvery = time.Second
	// longestGather is how long runs that are to leave wait for others at most, so that segments are few.
	longestGather = 10 * time.Minute
	// gatherShare is the share of HistoryAfter that they wait, if that is less.
	gatherShare = 6
	// maxAtOnce is how many segments the leader writes one after another before it looks again.
	maxAtOnce = 8
	// retryAfter is how long the leader waits after a segment that could not be written or spread.
	retryAfter = 15 * time.Second
)

// Door is what an Archiver needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	Now() time.Time // record time
}

// Archiver moves runs that are over out of the state, while this server leads.
type Archiver struct {
	Door     Door
	Replicas *Replicas
	Limits   command.Limits
	Log      *slog.Logger
	Panics   *caught.Panics

	last time.Time // when runs last left that did not fill a segment; zero: not in this leadership
	next time.Time // not before
	made made      // what could not be spread
}

// Run looks once a second until ctx ends, which is when this server no longer leads.
func (a *Archiver) Run(ctx context.Context) {
	trouble := seldom.NewCause(a.Log)
	a.last, a.next = time.Time{}, time.Time{}
	every.Interval(ctx, lookEvery, func(time.Time) {
		now := a.Door.Now()
		if now.Before(a.next) {
			return
		}
		err := a.Panics.Do("moving job runs into the history", func() error { return a.look(ctx, now) })
		if err != nil {
			a.next = now.Add(retryAfter)
		}
		if ctx.Err() == nil {
			trouble.Warn("cannot move job runs that are over into the history: they stay in the state; trying again", err)
		}
	})
}

// look moves what is to leave now, and gives up what is too old.
func (a *Archiver) look(ctx context.Context, now time.Time) error {
	for range maxAtOnce {
		more, err := a.archive(ctx, now)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if !command.Outdated(a.Door.View(), now, a.Limits) {
		return nil
	}
	_, err := a.Door.Execute(ctx, (&command.DropHistory{}).Decide)
	return err
}

// archive moves the runs of one segment, and says whether there may be more of them.
func (a *Archiver) archive(ctx context.Context, now time.Time) (more bool, err error) {
	view := a.Door.View()
	gathered := now.Sub(a.last) >= min(a.Limits.HistoryAfter/gatherShare, longestGather)
	if !gathered && view.CountFinished() <= min(a.Limits.Finished, command.MaxSegmentRuns) {
		return false, nil // they do not fill a segment
	}
	runs, whole := command.Leaving(view, now, a.Limits)
	if len(runs) == 0 || !whole && !gathered {
		return false, nil
	}
	if err := a.move(ctx, view, runs); err != nil {
		return false, err
	}
	if !whole {
		a.last = now
	}
	return whole, nil
}

// made is a segment that was written, and not yet named by the log.
type made struct {
	segment state.Segment
	runs    []*state.JobRun
}

// move writes runs into a segment, spreads it, and has them leave. A segment that could not be spread is tried again,
// as long as its runs are the first to leave. One that the log does not name stays until it is swept: this server does
// not know whether another leader counts on it.
func (a *Archiver) move(ctx context.Context, view *state.View, runs []*state.JobRun) error {
	if !a.made.begin(runs) || !a.Replicas.Local.touch(&a.made.segment) {
		segment, err := a.Replicas.Local.Write(view, runs)
		if err != nil {
			return err
		}
		a.made = made{segment, runs}
	}
	if err := a.Replicas.Spread(ctx, &a.made.segment); err != nil {
		return err
	}
	m := a.made
	a.made = made{}
	if _, err := a.Door.Execute(ctx, (&command.ArchiveRuns{Segment: m.segment, Runs: m.runs}).Decide); err != nil {
		return err
	}
	a.Log.InfoContext(ctx, "job runs moved into the history", "runs", m.segment.Runs, "segment", m.segment.Name(),
		"bytes", m.segment.Bytes)
	return nil
}

// begin says whether there is a segment whose runs are the first of those that are to leave, as they are now.
func (m made) begin(runs []*state.JobRun) bool {
	n := len(m.runs)
	return n > 0 && n <= len(runs) && slices.Equal(m.runs, runs[:n])
}
