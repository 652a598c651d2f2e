package logreader

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/peers"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// Config says what a Reader works with.
type Config struct {
	View     func(ctx context.Context) (*state.View, error) // with everything that was acknowledged before
	Streams  *peers.Streams                                 // to nodes
	Dispatch *dispatch.Dispatch                             // knows where managed logs are
	Backend  func(uri string) logs.Backend                  // of a destination of logs; nil: logs are on nodes only
}

// Reader reads logs of workers.
type Reader struct {
	cfg    Config
	stored *inflight.Limit // on stored logs that are read, by client
}

// New returns a Reader.
func New(cfg Config) *Reader {
	return &Reader{cfg: cfg, stored: inflight.New(maxStored, maxStoredEach)}
}

// Log says which log is read, and which part of it.
type Log struct {
	Run    *state.JobRun
	Worker *state.Worker // which wrote it
	Stream string        // stdout or stderr
	Offset int64         // of the first byte, between 0 and MaxOffset
	Follow bool          // go on until the worker has ended
}

// Send takes a part of a log. Offset is that of its first byte; the parts follow one another without holes.
type Send func(offset int64, data []byte) error

// Read reads a log until its end, no faster than send takes it. The note says what a reader should know of that end;
// empty: it is the whole log.
func (r *Reader) Read(ctx context.Context, view *state.View, log Log, send Send) (note string, err error) {
	c := &logCopy{
		follow:   log.Follow,
		offset:   log.Offset,
		send:     send,
		pause:    pause,
		patience: patience,
		fate:     func(ctx context.Context) (fate, error) { return r.fate(ctx, log.Worker) },
	}
	client := clientOf(ctx, log.Run)
	c.node = r.nodeLog(client, c.refuse, log)
	c.stored = r.storedLog(client, c.refuse, view, log)
	return c.run(ctx)
}

// clientOf names the client in whose share a log is read. If a caller reads by a link, that is the user whose run the
// link shows.
func clientOf(ctx context.Context, run *state.JobRun) string {
	if who := caller.Of(ctx); who.Known() {
		return who.User
	}
	return "link of " + run.CreatedBy // with spaces, which no user's name has
}

// fate asks the state what can still come of a worker's log. A worker whose run left the state has ended as it is
// known.
func (r *Reader) fate(ctx context.Context, known *state.Worker) (fate, error) {
	view, err := r.cfg.View(ctx)
	if err != nil {
		return fate{}, err
	}
	w := view.Worker(known.ID)
	left := w == nil
	if left {
		w = known
	}
	node := view.Node(w.Node)
	return fate{
		live: w.Live() && !left,
		gone: node == nil || node.State != state.NodeReady,
		cut:  w.Exit.Reason == state.ExitNodeLost,
	}, nil
}
