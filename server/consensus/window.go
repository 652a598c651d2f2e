package consensus

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// The bounds of the window, besides Config.WindowEvents, and of one Read.
const (
	windowBytes = 64 << 20
	readRecords = 256
)

// Position is a point in the stream of events: the next event to read.
type Position struct {
	Record uint64 // its record's sequence
	Event  int    // its index in the record
}

// Batch is what Read returns: applied records in order, and a state that contains them.
type Batch struct {
	Records []*eventv1.Record // without gaps; the first is that of the Position; not to be changed
	Skip    int               // events of the first record that lie before the Position
	View    *state.View       // the newest state; exactly that after the last record unless there is more to read
	Next    Position          // where to go on
}

// Window keeps the newest applied records in memory for its readers: watchers, placement, dispatch. Each reader has its
// own position, and none of them slows the log down: if a reader is too slow, it finds its position compacted.
type Window struct {
	maxEvents int

	mu      sync.Mutex
	kept    []kept        // without gaps, the newest last
	events  int           // of all kept
	bytes   int           // of all kept
	view    *state.View   // the newest applied state
	changed chan struct{} // closed at the next change
}

type kept struct {
	record  *eventv1.Record
	bytes   int            // of the record and the changes
	changes *state.Changes // what the record changed
}

func newWindow(maxEvents int, view *state.View) *Window {
	return &Window{maxEvents: maxEvents, view: view, changed: make(chan struct{})}
}

// publish adds the record of so many bytes that led to view.
func (w *Window) publish(record *eventv1.Record, bytes int, view *state.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bytes += view.Changes().Bytes()
	w.kept = append(w.kept, kept{record, bytes, view.Changes()})
	w.events += len(record.GetEvents())
	w.bytes += bytes
	for len(w.kept) > 1 && (w.events > w.maxEvents || w.bytes > windowBytes) {
		w.events -= len(w.kept[0].record.GetEvents())
		w.bytes -= w.kept[0].bytes
		w.kept[0] = kept{} // the array lives on
		w.kept = w.kept[1:]
	}
	w.set(view)
}

// reset forgets all records: the state came from a snapshot.
func (w *Window) reset(view *state.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = nil
	w.events = 0
	w.bytes = 0
	w.set(view)
}

func (w *Window) set(view *state.View) {
	w.view = view
	close(w.changed)
	w.changed = make(chan struct{})
}

// Newest returns the position after everything that is applied, with the state there: where a new reader begins.
func (w *Window) Newest() (*state.View, Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view, Position{Record: w.view.Sequence + 1}
}

// Since returns the position of the first record that is not older than a time. If records that may be younger are no
// longer kept, it returns the oldest position that is, and its time.
func (w *Window) Since(t time.Time) (Position, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	oldest := w.view.Sequence + 1 - uint64(len(w.kept))
	skip := sort.Search(len(w.kept), func(i int) bool { return w.kept[i].record.GetTimeUnixNano() >= t.UnixNano() })
	at := Position{Record: oldest + uint64(skip)}
	switch {
	case skip > 0 || oldest == 1:
		return at, time.Time{}
	case len(w.kept) == 0: // the state came from a snapshot
		return at, w.view.Time
	}
	return at, state.Moment(w.kept[0].record.GetTimeUnixNano())
}

// Read returns records from a position on, at most 256; it waits until there is one. When the position lies before the
// window, or a snapshot was installed over it, the error is errs.Compacted: the reader takes the Newest state and goes
// on from there.
func (w *Window) Read(ctx context.Context, from Position) (Batch, error) {
	for {
		batch, changed, err := w.read(from)
		if err != nil || len(batch.Records) > 0 {
			return batch, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		}
	}
}

// read does not wait: without records it returns what to wait for.
func (w *Window) read(from Position) (Batch, <-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	oldest := w.view.Sequence + 1 - uint64(len(w.kept))
	if from.Record < oldest {
		return Batch{}, nil, errs.New(errs.Compacted,
			"cannot read events from record %d: only those from %d on are kept; "+
				"take the state at %d and go on from there",
			from.Record, oldest, w.view.Sequence)
	}
	if from.Record > w.view.Sequence {
		return Batch{}, w.changed, nil
	}
	rest := w.kept[from.Record-oldest:]
	rest = rest[:min(len(rest), readRecords)]
	batch := Batch{Skip: from.Event, View: w.view, Next: Position{Record: from.Record + uint64(len(rest))}}
	for _, k := range rest {
		batch.Records = append(batch.Records, k.record)
	}
	return batch, nil, nil
}

// ChangesSince returns the newest state, and what the records after one changed that lead to it, oldest first. It is
// false when not all of these are kept: then nobody knows what changed.
func (w *Window) ChangesSince(record uint64) (view *state.View, changes []*state.Changes, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	oldest := w.view.Sequence + 1 - uint64(len(w.kept))
	if record+1 < oldest || record > w.view.Sequence {
		return w.view, nil, false
	}
	for _, k := range w.kept[record+1-oldest:] {
		changes = append(changes, k.changes)
	}
	return w.view, changes, true
}

// waitApplied waits until a record is in the state.
func (w *Window) waitApplied(ctx context.Context, record uint64) error {
	for {
		w.mu.Lock()
		newest := w.view.Sequence
		changed := w.changed
		w.mu.Unlock()
		if newest >= record {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errs.New(errs.Unavailable,
				"cannot read at record %d: %w, this server is at %d; try again", record, ctx.Err(), newest)
		}
	}
}
