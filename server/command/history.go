package command

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// The bounds of a segment.
const (
	MaxSegmentRuns  = 4096     // the record in which they leave is applied within some 40 ms
	maxSegmentBytes = 32 << 20 // of what the state knows of them, beside what they share
	maxSegmentRows  = 20_000   // workers and attempts
)

// Leaving returns the runs that are to leave the state now, by their end: those that ended long enough ago, and the
// oldest if there are too many. Whole says that they fill a segment, so that nobody need wait for more of them.
func Leaving(view *state.View, now time.Time, limits Limits) (runs []*state.JobRun, whole bool) {
	surplus := view.CountFinished() > limits.Finished
	bytes, rows := 0, 0
	for run := range view.Archivable() {
		if !surplus && now.Sub(run.Ended) <= limits.HistoryAfter {
			return runs, false
		}
		bytes += proto.Size(run.Spec)
		rows += rowsOf(view, run)
		if len(runs) == MaxSegmentRuns || len(runs) > 0 && (bytes > maxSegmentBytes || rows > maxSegmentRows) {
			return runs, true
		}
		runs = append(runs, run)
	}
	return runs, surplus
}

func rowsOf(view *state.View, run *state.JobRun) (n int) {
	for range view.WorkersOfRun(run.ID) {
		n++
	}
	return n + int(run.Attempt)
}

// ArchiveRuns moves runs that are over into a segment, which two servers have already.
type ArchiveRuns struct {
	Segment state.Segment
	Runs    []*state.JobRun // those of the segment, by their end, as they were when it was written
}

// Decide lets them leave if the state still knows of them just what the segment says.
func (c *ArchiveRuns) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if view.Segment(c.Segment.Name()) != nil {
		return nil, nil
	}
	last := c.Runs[len(c.Runs)-1]
	leave := slices.Collect(view.ArchivableThrough(last.Ended, last.ID))
	if !slices.Equal(leave, c.Runs) { // the same rows: a row never changes
		return nil, errs.New(errs.Refused,
			"cannot move %d job runs into segment %s of the history: they have changed since it was written; trying again",
			len(c.Runs), c.Segment.Name())
	}
	d := draft(view, meta)
	d.Add(&eventv1.JobRunsArchived{
		Segment:         wire.Segment(&c.Segment),
		ThroughUnixNano: state.Nano(last.Ended),
		ThroughJobRunId: last.ID,
	})
	return d.Events(), nil
}

// maxDropped bounds the segments that one decision gives up.
const maxDropped = 1000

// DropHistory gives up segments whose runs all ended too long ago.
type DropHistory struct{}

// Decide gives them up.
func (c *DropHistory) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	dropped := &eventv1.HistoryDropped{}
	for segment := range view.Segments("") {
		if outdated(segment, meta.Now, meta.Limits) && len(dropped.Digests) < maxDropped {
			dropped.Digests = append(dropped.Digests, segment.Digest)
		}
	}
	if len(dropped.Digests) == 0 {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(dropped)
	return d.Events(), nil
}

// Outdated says whether there is a segment whose runs all ended too long ago.
func Outdated(view *state.View, now time.Time, limits Limits) bool {
	for segment := range view.Segments("") {
		if outdated(segment, now, limits) {
			return true
		}
	}
	return false
}

func outdated(s *state.Segment, now time.Time, limits Limits) bool {
	return now.Sub(s.LastEnded) > limits.HistoryRetention
}
