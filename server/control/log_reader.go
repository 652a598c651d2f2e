package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/logs"
)

const (
	// logPause is how long a reader waits before it tries again where it found nothing new.
	logPause = time.Second
	// logPatience is how long a reader that does not follow waits for a node that ought to answer: leaders change faster.
	logPatience = 10 * time.Second
	// quietReads is how often what is stored has to be the same before it is all, since uploads that are under way may still end.
	quietReads = 2
	// maxLogPart bounds what is passed on at once, in bytes: clients take no messages above 4 MiB.
	maxLogPart = 1 << 20
	// maxLogOffset bounds where a log is read from, in bytes: nothing that is counted from there on overflows.
	maxLogOffset = 1 << 50
)

// What a reader is told of a log whose end may be missing.
const (
	noteLost    = "the node was lost; the last seconds may be missing"
	noteSilent  = "the node does not answer now; the last seconds are missing"
	noteNothing = "nothing of it is kept: the worker wrote nothing, or the log is older than what is kept"
)

// logFate is what the state says of a log.
type logFate struct {
	live bool // the worker has not ended
	gone bool // its node is lost or forgotten, and will not answer
	cut  bool // the worker ended with its node, in the middle of what it wrote
}

// logReader reads one log for one caller: from the node while that answers, else what is stored, and from the node again where
// that ended. Both count bytes alike, so nothing is doubled and nothing left out.
type logReader struct {
	// node reads from the worker's node. No error: the log is complete; NotFound: the node does not have it, or not this part.
	node func(ctx context.Context, offset int64, take logs.Take) error
	// stored reads what was taken from the node, and says whether there was anything; nil: it is taken nowhere.
	stored func(ctx context.Context, offset int64, take logs.Take) (found bool, err error)
	// fate says what can still come.
	fate     func(ctx context.Context) (logFate, error)
	follow   bool
	offset   int64 // of the next byte
	send     func(offset int64, data []byte) error
	pause    time.Duration
	patience time.Duration

	failed error // of send: the caller is gone; or why it is refused
	found  bool  // something is stored
	quiet  int   // how often in a row nothing new was stored, since nothing else can come
}

// read reads until the log ends, and says what the caller should know of its end.
func (l *logReader) read(ctx context.Context) (note string, err error) {
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	for {
		fate, err := l.fate(ctx)
		if err != nil {
			return "", err
		}
		missing := errs.New(errs.Unavailable, "its node is lost")
		if !fate.gone {
			if err := l.node(ctx, l.offset, l.take); err == nil || l.over(ctx) != nil {
				return "", l.over(ctx)
			} else if missing = kinded(err); errs.Is(err, errs.NotFound) && !fate.live {
				fate.gone = true
			}
		}
		before := l.offset
		stored := l.copyStored(ctx)
		if err := l.over(ctx); err != nil {
			return "", err
		}
		if l.offset > before {
			l.quiet = 0
			if missing.Kind == errs.NotFound {
				continue // the node has what follows
			}
		}
		if done, note, err := l.end(fate, missing, stored, patience.C); done {
			return note, err
		}
		if err := rest(ctx, l.pause); err != nil {
			return "", err
		}
	}
}

func kinded(err error) *errs.Error {
	return errs.New(errs.KindOf(err), "%w", err)
}

// end decides whether there is an end, after the node did not give the rest, which missing says, and what is stored was read.
func (l *logReader) end(fate logFate, missing *errs.Error, stored error, patience <-chan time.Time) (done bool, note string, err error) {
	switch {
	case fate.gone && l.stored == nil:
		return true, "", errs.New(errs.NotFound, "cannot read the log: %s, and it is taken nowhere; logs outlive their node "+
			"with monitoring's managed persistence or an S3 log URI, on the application or the run", missing.Message)
	case fate.gone && stored != nil:
		return true, "", stored
	case fate.gone:
		l.quiet++
		done = l.quiet >= quietReads || !l.follow
		if done && !l.found && missing.Kind == errs.NotFound {
			return true, "", missing // the node has a reason
		}
		return done, l.lastNote(fate), nil
	case l.follow:
		return false, "", nil
	case missing.Kind == errs.NotFound: // and nothing is stored that would lead on
		return true, "", missing
	}
	select {
	case <-patience:
	default:
		return false, "", nil
	}
	if !l.found {
		return true, "", missing
	}
	return true, noteSilent, nil
}

func (l *logReader) lastNote(fate logFate) string {
	switch {
	case fate.cut:
		return noteLost
	case !l.found:
		return noteNothing
	}
	return ""
}

// copyStored passes on what is stored.
func (l *logReader) copyStored(ctx context.Context) error {
	if l.stored == nil {
		return nil
	}
	found, err := l.stored(ctx, l.offset, l.take)
	l.found = l.found || found
	return err
}

// over says that nobody reads any more.
func (l *logReader) over(ctx context.Context) error {
	if l.failed != nil {
		return l.failed
	}
	return ctx.Err()
}

// take passes a part on, without what the caller has already. A part behind a hole is refused, and one that cannot be: what a node
// says is not believed.
func (l *logReader) take(offset int64, data []byte) error {
	switch {
	case offset < 0, len(data) > maxLogPart:
		return errs.New(errs.Unavailable, "the node sent %d bytes of the log at %d; an agent of this version sends at most %d, at 0 or above", len(data), offset, maxLogPart)
	case offset > l.offset:
		return errs.New(errs.Unavailable, "the log goes on at %d, and its bytes from %d on are missing", offset, l.offset)
	}
	data = data[min(l.offset-offset, int64(len(data))):]
	if len(data) == 0 {
		return nil
	}
	if l.failed = l.send(l.offset, data); l.failed == nil {
		l.offset += int64(len(data))
	}
	return l.failed
}

// refuse ends the reading with an error that trying again at once would not mend.
func (l *logReader) refuse(err error) error {
	l.failed = err
	return err
}

func rest(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
