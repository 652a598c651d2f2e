package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/scheduler"
)

// maxHolders bounds who is named as holding what a run waits for.
const maxHolders = 10

// ExplainJobRun says what a run waits for. Only the leader knows.
func (j *jobRuns) ExplainJobRun(ctx context.Context, r *controlv1.ExplainJobRunRequest) (*controlv1.ExplainJobRunResponse, error) {
	view, run, err := j.find(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	answer := &controlv1.ExplainJobRunResponse{State: run.State.String(), Message: doing(run)}
	wait, waits := j.cfg.Placement.Explain(run.ID)
	switch {
	case waits && !run.State.Terminal():
		answer.WaitsFor, answer.Message = string(wait.Kind), wait.Message+nextStep(string(wait.Kind), run)
	case run.State == state.RunPending:
		answer.WaitsFor, answer.Message = "TURN", "the next plan of the scheduler decides on it"
	case run.State == state.RunSubmitted:
		answer.WaitsFor, answer.Message = "APPLICATION_NOT_STARTED", fmt.Sprintf("its application is %s", view.Application(run.Application).State)
	}
	if answer.GetWaitsFor() != "" {
		answer.Needs = vector(run.Shape.DriverSize.Add(run.Shape.WorkerSize.Times(int64(run.Shape.Initial))))
		answer.Holders = holders(view, run, answer.GetWaitsFor() == string(scheduler.WaitApplicationLimit))
	}
	return answer, nil
}

// doing says what a run that does not wait does.
func doing(run *state.JobRun) string {
	switch {
	case run.State == state.RunScheduled:
		return "its workers have slots; their nodes fetch what they need and start them"
	case run.State == state.RunRunning:
		return "its driver runs"
	case run.State == state.RunCancelling:
		return "it is being cancelled: its workers are stopped"
	case run.State.Terminal():
		return strings.TrimSpace("it is over. " + run.Failure.Message)
	}
	return "it waits"
}

// nextStep says what a person can do about a wait.
func nextStep(kind string, run *state.JobRun) string {
	switch kind {
	case "RELEASE_NOT_HELD":
		return fmt.Sprintf("; `headrace release add %s` then gives it to every node", run.Release)
	case "NO_NODES":
		return "; start an agent with `headrace agent`, or see `headrace node list`"
	case "APPLICATION_LIMIT":
		return fmt.Sprintf("; raise the maximum capacity of application %s, or wait until its other runs end", run.Application)
	}
	return ""
}

// holders names the other runs that hold the most, the largest share of CPU first; all that count are those of the application
// when the run waits for its limit.
func holders(view *state.View, run *state.JobRun, ofApplication bool) []*controlv1.Holder {
	held := map[string]resource.Vector{}
	for slot := range view.Slots() {
		if ofApplication && slot.Application != run.Application {
			continue
		}
		if w := view.Worker(slot.Worker); w != nil && w.Run != run.ID {
			held[w.Run] = held[w.Run].Add(slot.Size.Vector)
		}
	}
	var all []*controlv1.Holder
	for run, v := range held {
		all = append(all, &controlv1.Holder{JobRunId: run, ApplicationId: view.JobRun(run).Application, Holds: vector(v)})
	}
	slices.SortFunc(all, func(a, b *controlv1.Holder) int {
		return cmp.Or(cmp.Compare(b.GetHolds().GetMilliCpu(), a.GetHolds().GetMilliCpu()), cmp.Compare(a.GetJobRunId(), b.GetJobRunId()))
	})
	return all[:min(len(all), maxHolders)]
}
