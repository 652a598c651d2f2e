package control

import (
	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/consensus"
)

// maxAhead is how many records a reader's position may be ahead of this server, which may lag behind the one it read from.
const maxAhead = 1 << 20

// WatchEvents streams events from a position, as long as its reader keeps up: one that is so slow that its position is no longer
// kept is cut off, and told where the state is.
func (c *cluster) WatchEvents(r *controlv1.WatchEventsRequest, stream grpc.ServerStreamingServer[controlv1.WatchEventsResponse]) error {
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

func sendBatch(stream grpc.ServerStreamingServer[controlv1.WatchEventsResponse], r *controlv1.WatchEventsRequest, batch consensus.Batch) error {
	for n, record := range batch.Records {
		for i, event := range record.GetEvents() {
			if n == 0 && i < batch.Skip {
				continue
			}
			m := watched(batch.View, event)
			if m == nil || !wanted(r, m) {
				continue
			}
			m.Position, m.Next = &controlv1.Position{Record: record.GetSequence(), Event: uint32(i)}, next(record, i)
			m.Time = timestamp(state.Moment(record.GetTimeUnixNano()))
			if err := stream.Send(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// next is where the event behind the i-th of a record stands.
func next(record *eventv1.Record, i int) *controlv1.Position {
	if i+1 < len(record.GetEvents()) {
		return &controlv1.Position{Record: record.GetSequence(), Event: uint32(i + 1)}
	}
	return &controlv1.Position{Record: record.GetSequence() + 1}
}

func wanted(r *controlv1.WatchEventsRequest, m *controlv1.WatchEventsResponse) bool {
	return (r.GetApplicationId() == "" || r.GetApplicationId() == m.GetApplicationId()) &&
		(r.GetJobRunId() == "" || r.GetJobRunId() == m.GetJobRunId()) &&
		(r.GetNodeId() == "" || r.GetNodeId() == m.GetNodeId())
}
