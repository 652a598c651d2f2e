package control

import (
	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/control/message"
)

// maxAhead is how many records a reader's position may be ahead of this server, which may lag behind the one that it
// read from.
const maxAhead = 1 << 20

type watcher = grpc.ServerStreamingServer[controlv1.WatchEventsResponse]

// WatchEvents streams events from a position, as long as its reader keeps up. If a reader is so slow that its position
// is no longer kept, it is cut off, and told where the state is.
func (c *cluster) WatchEvents(r *controlv1.WatchEventsRequest, stream watcher) error {
	view, at := c.cfg.Window.Newest()
	if from := r.GetFrom(); from != nil {
		if from.GetRecord() > view.Sequence+maxAhead {
			return errs.Field("from.record", "%d is far beyond the newest record, %d", from.GetRecord(), view.Sequence)
		}
		at = consensus.Position{Record: max(from.GetRecord(), 1), Event: int(from.GetEvent())}
	}
	// The answer begins at once, so that a client knows that it watches from here.
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	for {
		batch, err := c.cfg.Window.Read(stream.Context(), at)
		if err != nil {
			return err
		}
		if err := sendBatch(stream, r, batch); err != nil {
			return err
		}
		at = batch.Next
	}
}

func sendBatch(stream watcher, r *controlv1.WatchEventsRequest, batch consensus.Batch) error {
	skip := batch.Skip // of the first record
	for _, record := range batch.Records {
		for i := range record.GetEvents() {
			if i < skip {
				continue
			}
			if err := sendEvent(stream, r, batch.View, record, i); err != nil {
				return err
			}
		}
		skip = 0
	}
	return nil
}

// sendEvent sends the i-th event of a record, if its reader wants it.
func sendEvent(
	stream watcher,
	r *controlv1.WatchEventsRequest,
	view *state.View,
	record *eventv1.Record,
	i int,
) error {
	m := message.Event(view, record.GetEvents()[i])
	if m == nil || !wanted(r, m) {
		return nil
	}
	m.Position = &controlv1.Position{Record: record.GetSequence(), Event: uint32(i)}
	m.Next = next(record, i)
	m.Time = message.Time(state.Moment(record.GetTimeUnixNano()))
	return stream.Send(m)
}

// next is the position of the event that follows the i-th of a record.
func next(record *eventv1.Record, i int) *controlv1.Position {
	if i+1 < len(record.GetEvents()) {
		return &controlv1.Position{Record: record.GetSequence(), Event: uint32(i + 1)}
	}
	return &controlv1.Position{Record: record.GetSequence() + 1}
}

// wanted says whether a request asks for an event.
func wanted(r *controlv1.WatchEventsRequest, m *controlv1.WatchEventsResponse) bool {
	return (r.GetApplicationId() == "" || r.GetApplicationId() == m.GetApplicationId()) &&
		(r.GetJobRunId() == "" || r.GetJobRunId() == m.GetJobRunId()) &&
		(r.GetNodeId() == "" || r.GetNodeId() == m.GetNodeId())
}
