package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// setPoolProgram adds what a process that waits in a slot is to fit: what a run that says nothing of its own gives its workers. A
// slot whose settings cannot be resolved, because of a setting that only a run can complete, has no program and is not warmed.
func setPoolProgram(to *agentv1.AssignedSlot, application *state.Application, as state.WorkerType) {
	if application.Engine != state.EngineSpark {
		return
	}
	settings, err := command.PoolSettings(application)
	if err != nil {
		return
	}
	switch as {
	case state.TypeDriver:
		to.Program = &agentv1.AssignedSlot_SparkDriver{SparkDriver: &agentv1.SparkDriver{
			Properties: settings.Properties, Environment: settings.DriverEnv, HeapMib: settings.DriverHeapMiB}}
	case state.TypeExecutor:
		to.Program = &agentv1.AssignedSlot_SparkExecutor{SparkExecutor: sparkExecutor(nil, settings).SparkExecutor}
	}
}
