package control

import (
	"math"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

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

// Headers of an answer to who asks for what happened before.
const (
	sinceKey    = "headrace-since"     // how many seconds ago it begins, as it was asked: older servers do not know that
	keptFromKey = "headrace-kept-from" // when the oldest event was that is kept, if older ones were asked for
)

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
	header, at, err := c.since(r, at)
	if err != nil {
		return err
	}
	// The answer begins at once, so that a client knows that it watches from here.
	if err := stream.SendHeader(header); err != nil {
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

// maxSince is how far back a watch may ask to begin: about 68 years. It keeps a time from overflowing.
const maxSince = math.MaxInt32

// since returns where a request begins that says how old its events may be; other requests begin where they did. The
// header says if something is no longer kept that was asked for.
func (c *cluster) since(
	r *controlv1.WatchEventsRequest,
	at consensus.Position,
) (metadata.MD, consensus.Position, error) {
	seconds := r.GetSinceSeconds()
	switch {
	case seconds == 0:
		return nil, at, nil
	case seconds < 0 || seconds > maxSince:
		return nil, at, errs.Field("since_seconds", "%d is not between 0 and %d", seconds, maxSince)
	case r.GetFrom() != nil:
		return nil, at, errs.Field("since_seconds", "it cannot stand beside from: both say where to begin")
	}
	at, oldest := c.cfg.Window.Since(c.now().Add(-time.Duration(seconds) * time.Second))
	header := metadata.Pairs(sinceKey, strconv.FormatInt(seconds, 10))
	if !oldest.IsZero() {
		header.Set(keptFromKey, oldest.UTC().Format(time.RFC3339))
	}
	return header, at, nil
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
