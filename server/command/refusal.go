package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// returnAttempt lets an attempt wait again, with one more node to avoid. If too many nodes refused, the attempt fails
// with their reasons.
func returnAttempt(d *fsm.Draft, limits Limits, run *state.JobRun, node, reason string) {
	attempt := d.View().Attempt(run.ID, run.Attempt)
	reason = refusal(d.View(), node, reason)
	if len(attempt.Refused)+1 < limits.StartRefusals {
		d.Add(&eventv1.AttemptReturned{
			JobRunId: run.ID,
			Attempt:  run.Attempt,
			NodeId:   node,
			Reason:   reason,
		})
		return
	}
	reasons := append(append([]string{}, attempt.Refusals...), reason)
	failAttempt(d, limits, run, refused(reasons), node)
}

// refuseTask takes the fact that a node refused to start a task of an attempt that runs already. The task does not fail
// by that: it is placed on another node, until too many nodes refused.
func refuseTask(d *fsm.Draft, limits Limits, run *state.JobRun, worker *state.Worker) {
	var reasons []string
	for w := range d.View().WorkersOfAttempt(worker.Run, worker.Attempt) {
		if !w.Live() && w.Exit.Reason == state.ExitStartRefused {
			reasons = append(reasons, refusal(d.View(), w.Node, w.Exit.Message))
		}
	}
	if len(reasons) >= limits.StartRefusals {
		failAttempt(d, limits, run, refused(reasons), worker.Node)
	}
}

// refusal says which node refused, and why. If the node is forgotten meanwhile, its id stands for its name.
func refusal(view *state.View, node, reason string) string {
	if row := view.Node(node); row != nil {
		node = row.Name
	}
	return fmt.Sprintf("node %s: %s", node, reason)
}

func refused(reasons []string) state.Failure {
	return state.Failure{
		Kind:    state.FailedStartRefused,
		Message: fmt.Sprintf("%d nodes refused to start it: %s", len(reasons), strings.Join(reasons, "; ")),
	}
}
