package fsm

import (
	"fmt"
	"iter"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

func headerRow(v *state.View, rows uint64) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Header{Header: &snapshotv1.Header{
		Version:      snapshotVersion,
		Sequence:     v.Sequence,
		TimeUnixNano: state.Nano(v.Time),
		ClusterId:    v.ID,
		AccountId:    v.Account,
		Region:       v.Region,
		Rows:         rows,
	}}}
}

// snapshotRows yields every row of a state. Rows come before those that refer to them.
func snapshotRows(v *state.View) iter.Seq[*snapshotv1.Row] {
	return func(yield func(*snapshotv1.Row) bool) {
		_ = each(v.Releases(), releaseRow, yield) &&
			each(v.Nodes(), nodeRow, yield) &&
			each(v.Applications(""), applicationRow, yield) &&
			each(v.Contents(), contentRow, yield) &&
			each(v.AllJobRuns(), jobRunRow, yield) &&
			each(v.AllAttempts(), attemptRow, yield) &&
			each(v.AllWorkers(), workerRow, yield) &&
			each(v.Slots(), slotRow, yield) &&
			each(v.Requests(), requestRow, yield) &&
			each(v.AccessKeys(""), accessKeyRow, yield) &&
			each(v.Segments(""), segmentRow, yield)
	}
}

func each[R any](rows iter.Seq[R], convert func(R) *snapshotv1.Row, yield func(*snapshotv1.Row) bool) bool {
	for row := range rows {
		if !yield(convert(row)) {
			return false
		}
	}
	return true
}

// restoreRow has one line per kind of row.
func restoreRow(tx *state.Tx, row *snapshotv1.Row) {
	switch r := row.GetRow().(type) {
	case *snapshotv1.Row_Release:
		tx.PutRelease(releaseOf(r.Release))
	case *snapshotv1.Row_Node:
		tx.PutNode(nodeOf(r.Node))
	case *snapshotv1.Row_Application:
		tx.PutApplication(applicationOf(r.Application))
	case *snapshotv1.Row_Content:
		tx.PutContent(state.Content{Digest: state.ContentKey(r.Content.GetDigest()), Defined: r.Content})
	case *snapshotv1.Row_JobRun:
		run := jobRunOf(r.JobRun)
		run.Inherited = sharedKey(tx.View(), run.Inherited)
		run.Launch = sharedKey(tx.View(), run.Launch)
		tx.PutJobRun(run)
	case *snapshotv1.Row_Attempt:
		tx.PutAttempt(attemptOf(r.Attempt))
	case *snapshotv1.Row_Worker:
		tx.PutWorker(workerOf(r.Worker))
	case *snapshotv1.Row_Slot:
		tx.PutSlot(slotOf(r.Slot))
	case *snapshotv1.Row_Request:
		tx.PutRequest(requestOf(r.Request))
	case *snapshotv1.Row_AccessKey:
		tx.PutAccessKey(accessKeyOf(r.AccessKey))
	case *snapshotv1.Row_HistorySegment:
		tx.PutSegment(wire.SegmentOf(r.HistorySegment))
	default:
		panic(fmt.Sprintf("a snapshot holds a row that this version does not know: %T", r))
	}
}

func contentRow(c *state.Content) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Content{Content: c.Defined}}
}

func segmentRow(s *state.Segment) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_HistorySegment{HistorySegment: wire.Segment(s)}}
}

// sharedKey returns the content's own text of a key: many runs name one.
func sharedKey(view *state.View, key string) string {
	if row := view.Content(key); row != nil {
		return row.Digest
	}
	return key
}
