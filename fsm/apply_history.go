package fsm

import (
	"encoding/hex"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// jobRunsArchived removes the runs of a segment. Which they are follows from the state alone; their number was counted
// when the segment was written.
func (a *applier) jobRunsArchived(e *eventv1.JobRunsArchived) {
	segment := wire.SegmentOf(e.GetSegment())
	a.must(a.tx.View().Segment(segment.Name()) == nil, "segment %s is there already", segment.Name())
	through := state.Moment(e.GetThroughUnixNano())
	leave := slices.Collect(a.tx.View().ArchivableThrough(through, e.GetThroughJobRunId()))
	a.must(int64(len(leave)) == segment.Runs, "%d runs are to leave for segment %s, which has %d",
		len(leave), segment.Name(), segment.Runs)
	for _, run := range leave {
		a.tx.RemoveJobRun(run.ID)
	}
	a.tx.PutSegment(segment)
}

func (a *applier) historyDropped(e *eventv1.HistoryDropped) {
	for _, digest := range e.GetDigests() {
		name := hex.EncodeToString(digest)
		a.must(a.tx.View().Segment(name) != nil, "there is no segment %s to be dropped", name)
		a.tx.RemoveSegment(name)
	}
}
