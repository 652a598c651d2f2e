package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// poolProgram returns what a process that waits in a slot is to fit: what a run that says nothing of its own gives its
// workers. If the settings of a slot cannot be resolved, because only a run can complete them, the slot has no program
// and is not warmed.
func poolProgram(application *state.Application, as state.WorkerType) *agentv1.Program {
	if application.Engine != state.EngineSpark {
		return nil
	}
	settings, err := command.PoolSettings(application)
	if err != nil {
		return nil
	}
	launch := command.SparkLaunch(settings)
	switch as {
	case state.TypeDriver:
		driver := driverOf(launch)
		driver.Log4J2 = nil // Log4j begins with the run
		return &agentv1.Program{Program: &agentv1.Program_SparkDriver{SparkDriver: driver}}
	case state.TypeExecutor:
		return &agentv1.Program{Program: &agentv1.Program_SparkExecutor{SparkExecutor: sparkExecutor(nil, launch)}}
	}
	return nil
}
