package message

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/command/configuration"
)

// JobRunDetails shows a run with what lists leave out: the settings that hold in the end, and what it used by now.
func JobRunDetails(view *state.View, r *state.JobRun, now time.Time) *controlv1.JobRun {
	m := JobRun(view, r, now)
	effective := configuration.Effective(view.Inherited(r), r.Spec)
	m.EffectiveConfiguration = effective.GetConfiguration()
	m.EffectiveMonitoring = effective.GetMonitoring()
	if application := view.Application(r.Application); application != nil {
		m.Network = application.Spec.GetNetwork()
		m.Image = application.Spec.GetImage()
	}
	total, billed := command.Utilization(view, r, now)
	m.TotalUtilization = hours(total)
	m.BilledUtilization = hours(billed)
	m.ExecutionSeconds = command.ExecutionSeconds(r)
	return m
}

// hours turns what was held for seconds into what people pay for.
func hours(u command.Usage) *controlv1.Utilization {
	vcpu, memory, storage := u.Hours()
	return &controlv1.Utilization{VcpuHours: vcpu, MemoryGbHours: memory, StorageGbHours: storage}
}
