package routing

import (
	"context"
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/caller"
)

// apiPrefix begins the full names of all methods of the API.
const apiPrefix = "/headrace.control.v1."

// methodOf returns a method's own name.
func methodOf(full string) string { return full[strings.LastIndexByte(full, '/')+1:] }

// operatorCalls are the calls that only operators may make, with what each does. An access key replaces a certificate,
// what is in a release runs on every node, a node is given runs of all users and may stop them, a segment has the runs
// of all users, and without a majority of its servers a cluster decides nothing.
var operatorCalls = map[string]string{
	"CreateAccessKey": "create an access key",
	"ListAccessKeys":  "list access keys",
	"RevokeAccessKey": "revoke an access key",
	"AddRelease":      "add a release",
	"ApproveNode":     "approve a node",
	"ForgetNode":      "forget a node",
	"CordonNode":      "cordon a node",
	"UncordonNode":    "uncordon a node",
	"DrainNode":       "drain a node",
	"CancelDrain":     "cancel a drain",
	"ReadSegment":     "read a segment of the history",
	"RemoveServer":    "remove a server",
}

// allowed holds that a caller may make a call at all, whatever the call asks for. If nobody says who calls, it is
// refused.
func allowed(ctx context.Context, method string) error {
	who := caller.Of(ctx)
	if !who.Known() {
		return errs.New(errs.Unauthorized, "cannot call %s: nobody says who calls", method)
	}
	if does, operators := operatorCalls[method]; operators && !who.Operator {
		return errs.New(
			errs.Forbidden,
			"cannot %s as %s: this is for operators; `headrace tls issue --role operator` makes a certificate for one",
			does,
			who.User,
		)
	}
	return nil
}

// MayRead holds that a caller may read what belongs to a job run. What says what that is, with a verb for the run's id,
// such as: read the logs of job run %s.
func MayRead(ctx context.Context, run *state.JobRun, what string) error {
	if who := caller.Of(ctx); !who.MayRead(run.CreatedBy) {
		return errs.New(
			errs.Forbidden,
			"cannot %s as %s: %s submitted it, and only that user and operators may",
			fmt.Sprintf(what, run.ID),
			who.User,
			run.CreatedBy,
		)
	}
	return nil
}
