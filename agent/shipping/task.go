package shipping

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// giveUpAfter is how long the end of a worker's logs is tried.
const giveUpAfter = 24 * time.Hour

// errGivenUp ends a shipment that no destination took in that time.
var errGivenUp = errors.New("given up after a day")

// task is one shipment under way. One goroutine at a time uses it.
type task struct {
	Shipment
	dir     string
	streams []*stream
	logs    []sink // of stdout and stderr
	events  []sink
	taken   map[string]bool // the files of the event log that are here, under all names that they had

	maxWaiting int64 // bytes of older parts of the event log that wait for a destination
	lost       int   // parts of the event log that were given up, since the agent was started
	lossTold   int   // as many of them as the agent's log tells
}

// ship stages what is new and brings it everywhere. done says that nothing more will come and every sink has all.
func (t *task) ship(ctx context.Context) (done bool, err error) {
	ended := !t.Ended.IsZero() // asked first: what the worker wrote last is then there
	more := false
	for _, s := range t.streams {
		again, failed := t.shipStream(ctx, s)
		more, err = more || again, errors.Join(err, failed)
	}
	withheld, failed := t.shipAllEvents(ctx)
	err = errors.Join(err, failed)
	if err != nil && ended && time.Since(t.Ended) > giveUpAfter {
		return true, errors.Join(errGivenUp, err)
	}
	return ended && !more && err == nil, errors.Join(err, withheld)
}

// shipAllEvents brings the event log to every sink, and gives the disk back what all have.
func (t *task) shipAllEvents(ctx context.Context) (withheld, err error) {
	if t.Events == "" || len(t.events) == 0 && !t.Ended.IsZero() {
		return nil, nil
	}
	work, err := t.User.Folder(t.Work)
	if errors.Is(err, fs.ErrNotExist) {
		return t.loss(), nil // its home was removed
	}
	if err != nil {
		return err, nil
	}
	defer func() { _ = work.Close() }()
	files, withheld := t.eventFiles(work)
	if len(t.events) == 0 {
		withheld = nil // nobody misses it
	}
	brought := &brought{sizes: map[string]int64{}, times: map[string]int{}}
	for _, to := range t.events {
		unreadable, failed := t.shipEvents(ctx, to, files, brought)
		withheld, err = errors.Join(withheld, unreadable), errors.Join(err, failed)
	}
	if t.Ended.IsZero() && ctx.Err() == nil {
		withheld = errors.Join(withheld, t.trimEvents(work, files, brought))
	}
	return errors.Join(withheld, t.loss()), err
}

func (t *task) shipStream(ctx context.Context, s *stream) (more bool, err error) {
	if len(t.logs) == 0 {
		return false, s.trim()
	}
	if more, err = s.stage(); err != nil {
		return more, err
	}
	took := 0
	for _, to := range t.logs {
		failed := shipParts(ctx, to, s.parts())
		if failed == nil {
			took++
		}
		err = errors.Join(err, failed)
	}
	// A destination that refuses for long must not keep the others from the rest: it goes without what no longer fits
	// into staging.
	if err == nil || took > 0 && s.waiting() >= s.maxStaged {
		return more, errors.Join(err, s.delivered())
	}
	return more, err
}

// shipParts brings parts in their order, so that the newest never stands where an older one is missing.
func shipParts(ctx context.Context, to sink, parts []part) error {
	for _, p := range parts {
		if err := to.put(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
