package control

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func jobRun(view *state.View, r *state.JobRun) *controlv1.JobRun {
	s := r.Submission
	live := uint32(0)
	for range view.LiveWorkersOfRun(r.ID) {
		live++
	}
	m := &controlv1.JobRun{JobRunId: r.ID, ApplicationId: r.Application, Arn: ident.JobRunARN(view.Region, view.Account, r.Application, r.ID), Name: s.Name,
		State: r.State.String(), StateDetails: details(view, r), Failure: failure(r.Failure), Attempt: r.Attempt, ReleaseLabel: r.Release,
		ExecutionRole: s.ExecutionRole, Mode: mode(s), Configuration: configurations(s.Configuration),
		RetryPolicy:             &controlv1.RetryPolicy{MaxAttempts: s.MaxAttempts, MaxFailedAttemptsPerHour: s.MaxFailures},
		ExecutionTimeoutMinutes: int64(s.Timeout / time.Minute), OnDisconnect: onDisconnect(s), Tags: r.Tags, CreatedBy: r.CreatedBy, CancelledBy: r.CancelledBy,
		CreatedAt: timestamp(r.Created), UpdatedAt: timestamp(r.Updated), StartedAt: timestamp(r.Started), EndedAt: timestamp(r.Ended),
		DriverSize: vector(r.Shape.DriverSize.Vector), WorkerSize: vector(r.Shape.WorkerSize.Vector), InitialWorkers: r.Shape.Initial, LiveWorkers: live}
	setDriver(m, r)
	return m
}

// summary is a run in a list: without what may be large, its program's text and its settings.
func summary(view *state.View, r *state.JobRun) *controlv1.JobRun {
	m := jobRun(view, r)
	m.Configuration, m.Tags = nil, nil
	switch {
	case r.Submission.Spark != nil:
		m.Driver = &controlv1.JobRun_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: r.Submission.Spark.EntryPoint}}
	case r.Submission.Hive != nil:
		m.Driver = &controlv1.JobRun_Hive{Hive: &controlv1.Hive{Query: r.Submission.Hive.Query}}
	case r.Submission.Process != nil:
		m.Driver = &controlv1.JobRun_Process{Process: &controlv1.Process{Command: r.Submission.Process.Command[:1], Tasks: r.Submission.Process.Tasks}}
	}
	return m
}

// details says why a run is in its state: why it failed, or why its last attempt did while the next one waits or runs.
func details(view *state.View, r *state.JobRun) string {
	if r.Failure.Message != "" {
		return r.Failure.Message
	}
	if last := view.Attempt(r.ID, r.Attempt-1); last != nil && !r.State.Terminal() {
		return "the last attempt failed: " + last.Failure.Message
	}
	return ""
}

func mode(s *state.Submission) string {
	if s.Streaming {
		return "STREAMING"
	}
	return "BATCH"
}

func onDisconnect(s *state.Submission) string {
	if s.Keep {
		return "KEEP"
	}
	return "FENCE"
}

func setDriver(m *controlv1.JobRun, r *state.JobRun) {
	s := r.Submission
	switch {
	case s.Spark != nil:
		m.Driver = &controlv1.JobRun_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: s.Spark.EntryPoint,
			EntryPointArguments: s.Spark.Arguments, SparkSubmitParameters: s.Spark.Parameters}}
	case s.Hive != nil:
		m.Driver = &controlv1.JobRun_Hive{Hive: &controlv1.Hive{Query: s.Hive.Query, InitQueryFile: s.Hive.InitQueryFile, Parameters: s.Hive.Parameters}}
	case s.Process != nil:
		m.Driver = &controlv1.JobRun_Process{Process: &controlv1.Process{Command: s.Process.Command, TaskCommand: s.Process.TaskCommand, Tasks: s.Process.Tasks,
			TaskRetries: s.Process.TaskRetries, Environment: s.Process.Environment, DriverSize: vector(r.Shape.DriverSize.Vector), TaskSize: vector(r.Shape.WorkerSize.Vector)}}
	}
}

func attempt(a *state.Attempt) *controlv1.Attempt {
	return &controlv1.Attempt{JobRunId: a.Run, Attempt: a.Number, State: a.State.String(), Failure: failure(a.Failure), Zone: a.Zone,
		CreatedAt: timestamp(a.Created), ScheduledAt: timestamp(a.Scheduled), RunningAt: timestamp(a.Running), EndedAt: timestamp(a.Ended)}
}
