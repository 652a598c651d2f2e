package consensus

import (
	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// LogVersion is the newest log version that this server reads and writes. It goes up by one with a release that adds a
// kind of event, so that no server is ever handed an event that it does not know. Which version brought a kind stands
// at its line in record.proto.
const LogVersion = 2

// admissible refuses events that the cluster's oldest server would not know.
func admissible(events []*eventv1.Event, lowest uint32) error {
	for _, e := range events {
		kind := event.Of(e)
		switch {
		case kind == nil:
			return errs.New(errs.Internal, "cannot write an event without a fact")
		case kind.Since == 0:
			return errs.New(errs.Internal, "cannot write %s: no log version is known for it", kind.Name)
		case kind.Since > lowest:
			return errs.New(errs.Unavailable,
				"cannot write %s: it needs log version %d and the oldest server has %d; upgrade all first",
				kind.Name, kind.Since, lowest)
		}
	}
	return nil
}
