package dispatch

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
)

// againAfter is how long a node rests that could not be lost wholly, before that is tried again.
const againAfter = time.Minute

// inSteps decides until nothing more is left. A worker whose end panics is spared from then on, so that it holds up no other; the
// error says how many these are.
func (t *tenure) inSteps(ctx context.Context, decide consensus.Decision, sparing map[string]bool, ending func() string, more func() bool) error {
	for again := true; again; {
		_, err := t.dispatch.cfg.Door.Execute(ctx, decide)
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
		return errs.New(errs.Internal, "the ends of %d workers cannot be decided; what panicked stands above in the log", len(sparing))
	}
	return nil
}

// failAttempt fails a run that no node can be told to run. It is not tried again here: the next change of the node's assignment does.
func (t *tenure) failAttempt(ctx context.Context, a untold) {
	cfg := t.dispatch.cfg
	cfg.Log.Error("cannot tell a node what an attempt runs: failing its run", "run", a.run, "attempt", a.attempt, "error", a.reason)
	failure := state.Failure{Kind: state.FailedUserError, Message: "its workers cannot be told what to run: " + a.reason.Error()}
	if caught.Is(a.reason) {
		failure = state.Failure{Kind: state.FailedStartRefused, Message: "the leader failed on its settings; its log has the details"}
	}
	fail := &command.FailAttempt{JobRunID: a.run, Attempt: a.attempt, Failure: failure}
	if _, err := cfg.Door.Execute(ctx, fail.Decide); err != nil && ctx.Err() == nil {
		cfg.Log.Error("cannot fail a run", "run", a.run, "error", err)
	}
}
