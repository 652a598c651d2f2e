package fsm_test

import (
	"crypto/sha256"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// nobody decides nothing.
type nobody struct{}

func (nobody) Decide(*state.View, command.Meta) ([]*eventv1.Event, error) { return nil, nil }

// archive moves the runs that are to leave into a segment: [most=N].
func (s *teller) archive(a args) decision {
	runs, _ := command.Leaving(s.machine.View(), s.now, s.limits)
	if len(runs) == 0 {
		return nobody{}
	}
	runs = runs[:min(len(runs), int(a.number("most", int64(len(runs)))))]
	digest := sha256.Sum256([]byte(runs[0].ID))
	segment := state.Segment{
		Digest:       digest[:],
		Bytes:        1000,
		Runs:         int64(len(runs)),
		FirstEnded:   runs[0].Ended,
		LastEnded:    runs[len(runs)-1].Ended,
		FirstCreated: runs[0].Created,
		LastCreated:  runs[0].Created,
	}
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.ID)
		if run.Created.After(segment.LastCreated) {
			segment.LastCreated = run.Created
		}
	}
	segment.FirstRun, segment.LastRun = slices.Min(ids), slices.Max(ids)
	return &command.ArchiveRuns{Segment: segment, Runs: runs}
}
