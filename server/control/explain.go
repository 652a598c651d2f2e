package control

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/spec/support"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/explanation"
	"github.com/headrace/headrace/server/control/message"
)

// ExplainJobRun says what a run waits for. Only the leader knows.
func (j *jobRuns) ExplainJobRun(
	ctx context.Context,
	r *controlv1.ExplainJobRunRequest,
) (*controlv1.ExplainJobRunResponse, error) {
	view, run, err := j.findRun(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	e := explanation.Of(explanation.Source{
		View:   view,
		Run:    run,
		Plan:   j.cfg.Placement,
		Limits: j.cfg.Limits,

		Progress: j.cfg.Dispatch.Progress,
	})
	answer := explained(run, e)
	answer.Notes = append(support.Notes(run.Spec), support.Notes(view.Application(run.Application).Spec)...)
	return answer, nil
}

// explained shows what a run waits for.
func explained(run *state.JobRun, e explanation.Explanation) *controlv1.ExplainJobRunResponse {
	answer := &controlv1.ExplainJobRunResponse{
		State:    run.State.String(),
		JobRunId: run.ID,
		Priority: run.Priority,
		WaitsFor: string(e.Kind),
		Message:  e.Message,
		NextStep: e.NextStep,
		Details:  e.Details,
	}
	answer.PromisedNodes = e.Promised
	answer.PromisedUntil = message.Time(e.Until)
	if p := e.Spark; p != nil {
		answer.Spark = &controlv1.SparkProgress{
			StagesDone: p.GetStagesDone(),
			Stages:     p.GetStages(),
			TasksDone:  p.GetTasksDone(),
			Tasks:      p.GetTasks(),
		}
	}
	for _, c := range e.Copies {
		answer.Copies = append(answer.Copies, &controlv1.ReleaseCopy{
			NodeName:     c.Node,
			ReleaseLabel: c.Label,
			Bytes:        c.Bytes,
			TotalBytes:   c.Total,
		})
	}
	if e.Kind != "" {
		answer.Needs = message.Resources(run.Shape.DriverSize.Add(run.Shape.WorkerSize.Times(int64(run.Shape.Initial))))
	}
	for _, h := range e.Holders {
		answer.Holders = append(answer.Holders, &controlv1.Holder{
			ApplicationId: h.Application,
			JobRunId:      h.Run,
			Holds:         message.Resources(h.Holds),
		})
	}
	return answer
}
