package message

import (
	"strings"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/spec/support"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// JobRun shows a row as it is now. What its user said is the row's own message, which never changes.
func JobRun(view *state.View, r *state.JobRun, now time.Time) *controlv1.JobRun {
	var live uint32
	for range view.LiveWorkersOfRun(r.ID) {
		live++
	}
	m := &controlv1.JobRun{
		JobRunId:           r.ID,
		ApplicationId:      r.Application,
		Arn:                ident.JobRunARN(view.Region, view.Account, r.Application, r.ID),
		Spec:               r.Spec,
		State:              r.State.String(),
		StateDetails:       details(view, r),
		Failure:            failure(r.Failure),
		Attempt:            r.Attempt,
		ReleaseLabel:       r.Release,
		CreatedBy:          r.CreatedBy,
		CancelledBy:        r.CancelledBy,
		CreatedAt:          Time(r.Created),
		UpdatedAt:          Time(r.Updated),
		StartedAt:          Time(r.Started),
		EndedAt:            Time(r.Ended),
		DriverSize:         Resources(r.Shape.DriverSize.Vector),
		WorkerSize:         Resources(r.Shape.WorkerSize.Vector),
		InitialWorkers:     r.Shape.Initial,
		LiveWorkers:        live,
		Priority:           r.Priority,
		QueuedMilliseconds: r.QueuedAt(now).Milliseconds(),
	}
	if a := view.Attempt(r.ID, r.Attempt); a != nil {
		m.AttemptCreatedAt = Time(a.Created)
		m.AttemptUpdatedAt = Time(changed(a))
	}
	return m
}

// changed is when an attempt last changed.
func changed(a *state.Attempt) time.Time {
	for _, at := range []time.Time{a.Ended, a.Running, a.Scheduled} {
		if !at.IsZero() {
			return at
		}
	}
	return a.Created
}

// Summary shows a run in a list: without what may be large, its program's text and its settings.
func Summary(view *state.View, r *state.JobRun, now time.Time) *controlv1.JobRun {
	m := JobRun(view, r, now)
	m.Spec = summaryOf(r.Spec)
	return m
}

func summaryOf(s *specv1.JobRun) *specv1.JobRun {
	short := specv1.JobRun_builder{
		ExecutionRole:           new(s.GetExecutionRole()),
		Driver:                  driverOf(s.GetDriver()),
		ExecutionTimeoutMinutes: new(s.GetExecutionTimeoutMinutes()),
		Mode:                    s.GetMode().Enum(),
		RetryPolicy:             s.GetRetryPolicy(),
		OnDisconnect:            s.GetOnDisconnect().Enum(),
	}
	if s.HasName() {
		short.Name = new(s.GetName())
	}
	return short.Build()
}

// driverOf names a program, and says nothing of what it is given.
func driverOf(d *specv1.JobDriver) *specv1.JobDriver {
	short := specv1.JobDriver_builder{}
	switch d.WhichDriver() {
	case specv1.JobDriver_SparkSubmit_case:
		short.SparkSubmit = specv1.SparkSubmit_builder{EntryPoint: new(d.GetSparkSubmit().GetEntryPoint())}.Build()
	case specv1.JobDriver_Hive_case:
		short.Hive = specv1.Hive_builder{Query: new(d.GetHive().GetQuery())}.Build()
	case specv1.JobDriver_Process_case:
		short.Process = processOf(d.GetProcess())
	}
	return short.Build()
}

func processOf(p *specv1.Process) *specv1.Process {
	short := specv1.Process_builder{Command: p.GetCommand()[:1]}
	if p.HasTasks() {
		short.Tasks = new(p.GetTasks())
	}
	return short.Build()
}

// details says why a run is in its state: why it failed, or why its last attempt did while the next one waits or runs.
// If there is no reason, it says what of the submission nothing acts on.
func details(view *state.View, r *state.JobRun) string {
	if r.Failure.Message != "" {
		return r.Failure.Message
	}
	if last := view.Attempt(r.ID, r.Attempt-1); last != nil && !r.State.Terminal() {
		return "the last attempt failed: " + last.Failure.Message
	}
	return strings.Join(support.Notes(r.Spec), "; ")
}

// Attempt shows a row.
func Attempt(a *state.Attempt) *controlv1.Attempt {
	return &controlv1.Attempt{
		JobRunId:    a.Run,
		Attempt:     a.Number,
		State:       a.State.String(),
		Failure:     failure(a.Failure),
		Zone:        a.Zone,
		CreatedAt:   Time(a.Created),
		ScheduledAt: Time(a.Scheduled),
		RunningAt:   Time(a.Running),
		EndedAt:     Time(a.Ended),
	}
}
