package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

func cordonRow(c state.Cordon) *snapshotv1.NodeCordon {
	if c == (state.Cordon{}) {
		return nil
	}
	return &snapshotv1.NodeCordon{By: c.By, Reason: c.Reason, SinceUnixNano: state.Nano(c.Since)}
}

func cordonOf(m *snapshotv1.NodeCordon) state.Cordon {
	return state.Cordon{By: m.GetBy(), Reason: m.GetReason(), Since: state.Moment(m.GetSinceUnixNano())}
}

func drainRow(d state.Drain) *snapshotv1.NodeDrain {
	if d == (state.Drain{}) {
		return nil
	}
	return &snapshotv1.NodeDrain{
		By:               d.By,
		SinceUnixNano:    state.Nano(d.Since),
		DeadlineUnixNano: state.Nano(d.Deadline),
		StopDrivers:      d.StopDrivers,
		DoneUnixNano:     state.Nano(d.Done),
	}
}

func drainOf(m *snapshotv1.NodeDrain) state.Drain {
	return state.Drain{
		By:          m.GetBy(),
		Since:       state.Moment(m.GetSinceUnixNano()),
		Deadline:    state.Moment(m.GetDeadlineUnixNano()),
		StopDrivers: m.GetStopDrivers(),
		Done:        state.Moment(m.GetDoneUnixNano()),
	}
}

func asideRow(a state.Aside) *snapshotv1.NodeAside {
	if a == (state.Aside{}) {
		return nil
	}
	return &snapshotv1.NodeAside{
		Reason:        a.Reason,
		SinceUnixNano: state.Nano(a.Since),
		UntilUnixNano: state.Nano(a.Until),
		OnTrial:       a.OnTrial,
	}
}

func asideOf(m *snapshotv1.NodeAside) state.Aside {
	return state.Aside{
		Reason:  m.GetReason(),
		Since:   state.Moment(m.GetSinceUnixNano()),
		Until:   state.Moment(m.GetUntilUnixNano()),
		OnTrial: m.GetOnTrial(),
	}
}

func failureRows(failures []state.NodeFailure) (rows []*snapshotv1.NodeFailure) {
	for _, f := range failures {
		rows = append(rows, &snapshotv1.NodeFailure{
			Kind:          eventv1.NodeFailureKind(f.Kind),
			TimeUnixNano:  state.Nano(f.At),
			ApplicationId: f.Application,
			JobRunId:      f.Run,
		})
	}
	return rows
}

func failuresOf(rows []*snapshotv1.NodeFailure) (failures []state.NodeFailure) {
	for _, m := range rows {
		failures = append(failures, state.NodeFailure{
			Kind:        state.NodeFailureKind(m.GetKind()),
			At:          state.Moment(m.GetTimeUnixNano()),
			Application: m.GetApplicationId(),
			Run:         m.GetJobRunId(),
		})
	}
	return failures
}
