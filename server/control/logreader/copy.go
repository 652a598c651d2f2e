package logreader

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/server/logs"
)

const (
	// MaxOffset bounds where a log is read from, in bytes: nothing that is counted from there on overflows.
	MaxOffset = 1 << 50
	// maxPart bounds what is passed on at once, in bytes: clients take no messages above 4 MiB.
	maxPart = 1 << 20
	// pause is the least time that a reader waits before it tries again where it found nothing new. It waits up to
	// twice as long: many readers lose a node or a leader at one moment.
	pause = time.Second
	// patience is how long a reader that does not follow waits for a node that ought to answer: leaders change faster.
	patience = 10 * time.Second
	// quietReads is how often what is stored has to be the same before it is all, since uploads that are under way may
	// still end.
	quietReads = 2
)

// What a reader is told of a log whose end may be missing.
const (
	noteLost    = "the node was lost; the last seconds may be missing"
	noteSilent  = "the node does not answer now; the last seconds are missing"
	noteNothing = "nothing of it is kept: the worker wrote nothing, or the log is older than what is kept"
)

// fate is what the state says of a log.
type fate struct {
	live bool // the worker has not ended
	gone bool // its node is lost or forgotten, and will not answer
	cut  bool // the worker ended with its node, in the middle of what it wrote
}

// readNode reads from a worker's node. No error: the log is complete; NotFound: the node does not have it, or not this
// part.
type readNode func(ctx context.Context, offset int64, take logs.Take) error

// readStored reads what was taken from a node, and says whether there was anything.
type readStored func(ctx context.Context, offset int64, take logs.Take) (found bool, err error)

// logCopy reads one log for one caller: from the node while that answers, else what is stored, and from the node again
// where that ended. Both count bytes alike, so nothing is doubled and nothing left out.
type logCopy struct {
	node     readNode
	stored   readStored                              // nil: the log is kept nowhere
	fate     func(ctx context.Context) (fate, error) // says what can still come
	follow   bool
	offset   int64 // of the next byte
	send     Send
	pause    time.Duration
	patience time.Duration

	failed error // of send: the caller is gone; or why it is refused
	found  bool  // something is stored
	quiet  int   // how often in a row nothing new was stored, since nothing else can come
}

// run reads until the log ends, and says what the caller should know of its end.
func (c *logCopy) run(ctx context.Context) (note string, err error) {
	late := time.NewTimer(c.patience)
	defer late.Stop()
	for {
		now, err := c.fate(ctx)
		if err != nil {
			return "", err
		}
		missing := c.copyNode(ctx, now)
		if over := c.over(ctx); missing == nil || over != nil {
			return "", over
		}
		now.gone = now.gone || missing.Kind == errs.NotFound && !now.live
		before := c.offset
		stored := c.copyStored(ctx)
		if err := c.over(ctx); err != nil {
			return "", err
		}
		if c.offset > before {
			c.quiet = 0
			if missing.Kind == errs.NotFound {
				continue // the node has what follows
			}
		}
		if done, note, err := c.end(now, missing, stored, late.C); done {
			return note, err
		}
		if !every.Pause(ctx, backoff.Jitter(2*c.pause, rand.N[time.Duration])) {
			return "", ctx.Err()
		}
	}
}

// copyNode passes on what the node has, and says why it did not give the rest; nil: the log is complete.
func (c *logCopy) copyNode(ctx context.Context, now fate) (missing *errs.Error) {
	if now.gone {
		return errs.New(errs.Unavailable, "its node is lost")
	}
	if err := c.node(ctx, c.offset, c.take); err != nil {
		return errs.New(errs.KindOf(err), "%w", err)
	}
	return nil
}

// end decides whether the log ends here, after what is stored was read. Missing says why the node did not give the
// rest, and stored why the storage did not.
func (c *logCopy) end(
	now fate,
	missing *errs.Error,
	stored error,
	late <-chan time.Time,
) (done bool, note string, err error) {
	switch {
	case now.gone:
		return c.endWithoutNode(now, missing, stored)
	case c.follow:
		return false, "", nil
	case missing.Kind == errs.NotFound: // and nothing is stored that would lead on
		return true, "", missing
	}
	select {
	case <-late:
	default:
		return false, "", nil
	}
	if !c.found {
		return true, "", missing
	}
	return true, noteSilent, nil
}

// endWithoutNode decides whether the log ends here, given that its node will not answer any more.
func (c *logCopy) endWithoutNode(
	now fate,
	missing *errs.Error,
	stored error,
) (done bool, note string, err error) {
	switch {
	case c.stored == nil:
		return true, "", errs.New(
			errs.NotFound,
			"cannot read the log: %s, and it is taken nowhere; logs outlive their node "+
				"with monitoring's managed persistence or an S3 log URI, on the application or the run",
			missing.Message,
		)
	case stored != nil:
		return true, "", stored
	}
	c.quiet++
	done = c.quiet >= quietReads || !c.follow
	if done && !c.found && missing.Kind == errs.NotFound {
		return true, "", missing // the node has a reason
	}
	return done, c.lastNote(now), nil
}

func (c *logCopy) lastNote(now fate) string {
	switch {
	case now.cut:
		return noteLost
	case !c.found:
		return noteNothing
	}
	return ""
}

// copyStored passes on what is stored.
func (c *logCopy) copyStored(ctx context.Context) error {
	if c.stored == nil {
		return nil
	}
	found, err := c.stored(ctx, c.offset, c.take)
	c.found = c.found || found
	return err
}

// over says why nobody reads any more; nil: somebody does.
func (c *logCopy) over(ctx context.Context) error {
	if c.failed != nil {
		return c.failed
	}
	return ctx.Err()
}

// take passes a part on, without what the caller has already. What a node says is not believed: a part that cannot be
// is refused, and so is one that leaves a hole.
func (c *logCopy) take(offset int64, data []byte) error {
	switch {
	case offset < 0, len(data) > maxPart:
		return errs.New(
			errs.Unavailable,
			"the node sent %d bytes of the log at %d; an agent of this version sends at most %d, at 0 or above",
			len(data),
			offset,
			maxPart,
		)
	case offset > c.offset:
		return errs.New(
			errs.Unavailable,
			"the log goes on at %d, and its bytes from %d on are missing",
			offset,
			c.offset,
		)
	}
	data = data[min(c.offset-offset, int64(len(data))):]
	if len(data) == 0 {
		return nil
	}
	if c.failed = c.send(c.offset, data); c.failed == nil {
		c.offset += int64(len(data))
	}
	return c.failed
}

// refuse ends the reading with an error that trying again at once would not mend.
func (c *logCopy) refuse(err error) error {
	c.failed = err
	return err
}
