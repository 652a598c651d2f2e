package message

import (
	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Segment shows a segment of the history.
func Segment(s *state.Segment) *controlv1.Segment {
	return &controlv1.Segment{
		Digest:         s.Name(),
		SizeBytes:      s.Bytes,
		JobRuns:        s.Runs,
		FirstCreatedAt: Time(s.FirstCreated),
		LastCreatedAt:  Time(s.LastCreated),
		FirstEndedAt:   Time(s.FirstEnded),
		LastEndedAt:    Time(s.LastEnded),
	}
}
