package dispatch

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
)

// againAfter is how long a node rests if it could not be declared lost as a whole, before that is tried again.
const againAfter = time.Minute

// inSteps decides until nothing more is left. If the end of a worker panics, that worker is spared from then on, so
// that it does not hold up the others; the error says how many were spared. ending returns the worker that was being
// ended, and more says whether something is left.
func (l *leadership) inSteps(
	ctx context.Context,
	decide consensus.Decision,
	sparing map[string]bool,
	ending func() string,
	more func() bool,
) error {
	for again := true; again; {
		_, err := l.dispatch.cfg.Door.Execute(ctx, decide)
		switch {
		case caught.Is(err) && ending() != "" && !sparing[ending()]:
			sparing[ending()] = true
		case err != nil:
			return err
		default:
			again = more()
		}
	}
	if len(sparing) > 0 {
		return errs.New(errs.Internal,
			"the ends of %d workers cannot be decided; what panicked stands above in the log", len(sparing))
	}
	return nil
}

// failAttempt fails a run because no node can be told to run it. If that fails, it is tried again with the next change
// of the node's assignment.
func (l *leadership) failAttempt(ctx context.Context, a untold) {
	cfg := l.dispatch.cfg
	ctx = logging.With(ctx, logging.Run, a.run)
	cfg.Log.ErrorContext(ctx,
		"cannot tell a node what an attempt runs: failing its run", "attempt", a.attempt, "error", a.reason)
	failure := state.Failure{
		Kind:    state.FailedUserError,
		Message: "its workers cannot be told what to run: " + a.reason.Error(),
	}
	if caught.Is(a.reason) {
		failure = state.Failure{
			Kind:    state.FailedStartRefused,
			Message: "the leader failed on its settings; its log has the details",
		}
	}
	fail := &command.FailAttempt{JobRunID: a.run, Attempt: a.attempt, Failure: failure}
	if _, err := cfg.Door.Execute(ctx, fail.Decide); err != nil && ctx.Err() == nil {
		cfg.Log.ErrorContext(ctx, "cannot fail a run", "error", err)
	}
}
