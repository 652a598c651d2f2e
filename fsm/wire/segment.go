package wire

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Segment makes the message of a segment of the history.
func Segment(s *state.Segment) *eventv1.HistorySegment {
	return &eventv1.HistorySegment{
		Digest:               s.Digest,
		SizeBytes:            s.Bytes,
		Runs:                 uint32(s.Runs),
		FirstJobRunId:        s.FirstRun,
		LastJobRunId:         s.LastRun,
		FirstWorkerId:        s.FirstWorker,
		LastWorkerId:         s.LastWorker,
		FirstCreatedUnixNano: state.Nano(s.FirstCreated),
		LastCreatedUnixNano:  state.Nano(s.LastCreated),
		FirstEndedUnixNano:   state.Nano(s.FirstEnded),
		LastEndedUnixNano:    state.Nano(s.LastEnded),
	}
}

// SegmentOf reads a segment of the history.
func SegmentOf(m *eventv1.HistorySegment) state.Segment {
	return state.Segment{
		Digest:       m.GetDigest(),
		Bytes:        m.GetSizeBytes(),
		Runs:         int64(m.GetRuns()),
		FirstRun:     m.GetFirstJobRunId(),
		LastRun:      m.GetLastJobRunId(),
		FirstWorker:  m.GetFirstWorkerId(),
		LastWorker:   m.GetLastWorkerId(),
		FirstCreated: state.Moment(m.GetFirstCreatedUnixNano()),
		LastCreated:  state.Moment(m.GetLastCreatedUnixNano()),
		FirstEnded:   state.Moment(m.GetFirstEndedUnixNano()),
		LastEnded:    state.Moment(m.GetLastEndedUnixNano()),
	}
}
