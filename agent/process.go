package agent

import (
	"context"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// processEngine runs any program as driver or numbered task.
type processEngine struct{}

// NewProcessEngine returns the PROCESS engine.
func NewProcessEngine() Engine { return processEngine{} }

func (processEngine) Prepare(_ context.Context, w *agentv1.AssignedWorker, _ string) (runtime.Command, error) {
	return runtime.Command{Args: w.GetProcess().GetCommand()}, nil
}

func (processEngine) Attach(*agentv1.AssignedWorker, string) error { return nil }

func (processEngine) Update(*agentv1.AssignedWorker) {}

func (processEngine) Detach(string) {}
