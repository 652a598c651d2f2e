package agent

import (
	"github.com/headrace/headrace/internal/logpath"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// logFolder returns where a worker's logs are below the node's logs. They are taken to the same folder elsewhere.
func logFolder(a *agentv1.AssignedWorker) string {
	attempt := logpath.Attempt{
		Application: a.GetApplicationId(), Run: a.GetJobRunId(), Number: a.GetAttempt(), Apart: a.GetAttemptsApart(),
	}
	return logpath.Worker{
		Attempt: attempt, Type: a.GetType(), Process: a.GetProcess() != nil, Number: a.GetNumber(), Epoch: a.GetEpoch(),
	}.Folder()
}
