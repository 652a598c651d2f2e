package control

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/command/configuration"
)

// jobRunDetails is a run with what lists leave out: the settings that hold in the end, and what it used by now.
func jobRunDetails(view *state.View, r *state.JobRun, now time.Time) *controlv1.JobRun {
	m := jobRun(view, r)
	total, billed := command.Utilization(view, r, now)
	effective := configuration.Effective(view.Inherited(r), r.Spec)
	m.EffectiveConfiguration, m.EffectiveMonitoring = effective.GetConfiguration(), effective.GetMonitoring()
	m.TotalUtilization, m.BilledUtilization, m.ExecutionSeconds = hours(total), hours(billed), command.ExecutionSeconds(r)
	return m
}

// hours turns what was held for seconds into what people pay for.
func hours(u command.Usage) *controlv1.Utilization {
	const milliHour, mibPerGB = 1000 * 3600, 1024
	return &controlv1.Utilization{
		VcpuHours:      float64(u.MilliCPUSeconds) / milliHour,
		MemoryGbHours:  float64(u.MemoryMiBSeconds) / (mibPerGB * 3600),
		StorageGbHours: float64(u.StorageMiBSeconds) / (mibPerGB * 3600),
	}
}
