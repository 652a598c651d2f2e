package command

import (
	"math"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Some decisions give as many facts as a user or a node has things: workers of a lost node, slots of an application
// that stops, a node's inventory. A record has a bound, so they go in steps: each takes facts until they are as large
// as Limits.StepBytes, does at least one thing, and says whether more is left. Whoever asked asks again; what outlives
// its caller is gone on with by package placement or dispatch. What holds between two steps is in fsm/state/check.go.

// draft begins a decision.
func draft(view *state.View, meta Meta) *fsm.Draft {
	d := fsm.NewDraft(view, meta.Now)
	d.Bound(meta.Limits.StepBytes)
	return d
}

// perStep returns how many things one step takes if each gives facts of so many bytes.
func perStep(limits Limits, bytes int) int {
	if limits.StepBytes <= 0 {
		return math.MaxInt
	}
	return max(1, limits.StepBytes/bytes)
}

// maxFailure bounds the message of a failure, in bytes: it is in several facts of one step, and contains what nodes and
// the scheduler said.
const maxFailure = 4 << 10

// failed makes the message of a failure. If its text is too long, the end is cut off.
func failed(failure state.Failure) *eventv1.Failure {
	if len(failure.Message) > maxFailure {
		failure.Message = strings.ToValidUTF8(failure.Message[:maxFailure], "") + " ..."
	}
	return wire.Failure(failure)
}
