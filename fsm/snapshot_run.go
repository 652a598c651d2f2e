package fsm

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

func jobRunRow(r *state.JobRun) *snapshotv1.Row {
	m := &snapshotv1.JobRun{
		JobRunId:        r.ID,
		ApplicationId:   r.Application,
		Spec:            r.Spec,
		Shape:           wire.Shape(r.Shape),
		ReleaseLabel:    r.Release,
		CreatedBy:       r.CreatedBy,
		State:           eventv1.JobRunState(r.State),
		Failure:         wire.Failure(r.Failure),
		Attempt:         r.Attempt,
		CreatedUnixNano: state.Nano(r.Created),
		UpdatedUnixNano: state.Nano(r.Updated),
		StateUnixNano:   state.Nano(r.Entered),
		StartedUnixNano: state.Nano(r.Started),
		EndedUnixNano:   state.Nano(r.Ended),
		GraceSeconds:    r.GraceSeconds,
	}
	m.Priority = wire.Priority(r.Priority)
	m.QueuedMilliseconds = r.Queued.Milliseconds()
	m.InheritedDigest = state.ContentDigest(r.Inherited)
	m.LaunchDigest = state.ContentDigest(r.Launch)
	m.CancelledBy = r.CancelledBy
	m.ExcusedAttempts = r.Excused
	for _, at := range r.Failures {
		m.FailedUnixNano = append(m.FailedUnixNano, state.Nano(at))
	}
	return &snapshotv1.Row{Row: &snapshotv1.Row_JobRun{JobRun: m}}
}

func jobRunOf(m *snapshotv1.JobRun) state.JobRun {
	var failures []time.Time
	for _, at := range m.GetFailedUnixNano() {
		failures = append(failures, state.Moment(at))
	}
	return state.JobRun{
		ID:           m.GetJobRunId(),
		Application:  m.GetApplicationId(),
		Release:      m.GetReleaseLabel(),
		CreatedBy:    m.GetCreatedBy(),
		Spec:         m.GetSpec(),
		Shape:        wire.ShapeOf(m.GetShape()),
		State:        state.JobRunState(m.GetState()),
		Failure:      wire.FailureOf(m.GetFailure()),
		Attempt:      m.GetAttempt(),
		Priority:     wire.PriorityOf(m.Priority),
		GraceSeconds: m.GetGraceSeconds(),
		Created:      state.Moment(m.GetCreatedUnixNano()),
		Updated:      state.Moment(m.GetUpdatedUnixNano()),
		Entered:      state.Moment(m.GetStateUnixNano()),
		Started:      state.Moment(m.GetStartedUnixNano()),
		Ended:        state.Moment(m.GetEndedUnixNano()),
		Failures:     failures,
		Excused:      m.GetExcusedAttempts(),
		Inherited:    state.ContentKey(m.GetInheritedDigest()),
		Launch:       state.ContentKey(m.GetLaunchDigest()),
		CancelledBy:  m.GetCancelledBy(),
		Queued:       time.Duration(m.GetQueuedMilliseconds()) * time.Millisecond,
	}
}

func attemptRow(a *state.Attempt) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Attempt{Attempt: &snapshotv1.Attempt{
		JobRunId:          a.Run,
		Attempt:           a.Number,
		State:             eventv1.AttemptState(a.State),
		Failure:           wire.Failure(a.Failure),
		Zone:              a.Zone,
		AvoidZone:         a.AvoidZone,
		AvoidNode:         a.AvoidNode,
		RefusedNodes:      a.Refused,
		Refusals:          a.Refusals,
		NotBeforeUnixNano: state.Nano(a.NotBefore),
		CreatedUnixNano:   state.Nano(a.Created),
		ScheduledUnixNano: state.Nano(a.Scheduled),
		RunningUnixNano:   state.Nano(a.Running),
		EndedUnixNano:     state.Nano(a.Ended),
		LastNumber:        a.LastNumber,
		DeathsInRow:       a.Deaths,
	}}}
}

func attemptOf(m *snapshotv1.Attempt) state.Attempt {
	return state.Attempt{
		Run:        m.GetJobRunId(),
		Number:     m.GetAttempt(),
		State:      state.AttemptState(m.GetState()),
		Failure:    wire.FailureOf(m.GetFailure()),
		Zone:       m.GetZone(),
		AvoidZone:  m.GetAvoidZone(),
		AvoidNode:  m.GetAvoidNode(),
		Refused:    m.GetRefusedNodes(),
		Refusals:   m.GetRefusals(),
		NotBefore:  state.Moment(m.GetNotBeforeUnixNano()),
		Created:    state.Moment(m.GetCreatedUnixNano()),
		Scheduled:  state.Moment(m.GetScheduledUnixNano()),
		Running:    state.Moment(m.GetRunningUnixNano()),
		Ended:      state.Moment(m.GetEndedUnixNano()),
		LastNumber: m.GetLastNumber(),
		Deaths:     m.GetDeathsInRow(),
	}
}

func workerRow(w *state.Worker) *snapshotv1.Row {
	m := &snapshotv1.Worker{
		WorkerId:             w.ID,
		JobRunId:             w.Run,
		ApplicationId:        w.Application,
		SlotId:               w.Slot,
		Attempt:              w.Attempt,
		NodeId:               w.Node,
		Warm:                 w.Warm,
		ColdReason:           w.ColdReason,
		StarvedBytes:         w.Starved,
		Leaving:              uint32(w.Leaving),
		LeavingSinceUnixNano: state.Nano(w.LeavingSince),
		Type:                 eventv1.WorkerType(w.Type),
		Size:                 wire.Size(w.Size),
		Number:               w.Number,
		Epoch:                w.Epoch,
		State:                uint32(w.State),
		Host:                 w.Host,
		PlacedUnixNano:       state.Nano(w.Placed),
		RunningUnixNano:      state.Nano(w.Running),
		EndedUnixNano:        state.Nano(w.Ended),
	}
	if !w.Live() {
		m.Exit = wire.Exit(w.Exit)
	}
	return &snapshotv1.Row{Row: &snapshotv1.Row_Worker{Worker: m}}
}

func workerOf(m *snapshotv1.Worker) state.Worker {
	return state.Worker{
		ID:           m.GetWorkerId(),
		Run:          m.GetJobRunId(),
		Application:  m.GetApplicationId(),
		Attempt:      m.GetAttempt(),
		Node:         m.GetNodeId(),
		Type:         state.WorkerType(m.GetType()),
		Size:         wire.SizeOf(m.GetSize()),
		Number:       m.GetNumber(),
		Epoch:        m.GetEpoch(),
		State:        state.WorkerState(m.GetState()),
		Host:         m.GetHost(),
		Exit:         wire.ExitOf(m.GetExit()),
		Placed:       state.Moment(m.GetPlacedUnixNano()),
		Running:      state.Moment(m.GetRunningUnixNano()),
		Ended:        state.Moment(m.GetEndedUnixNano()),
		Slot:         m.GetSlotId(),
		Warm:         m.GetWarm(),
		ColdReason:   m.GetColdReason(),
		Starved:      m.GetStarvedBytes(),
		Leaving:      state.Leaving(m.GetLeaving()),
		LeavingSince: state.Moment(m.GetLeavingSinceUnixNano()),
	}
}
