package agent

import (
	"context"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
)

// tryTimeout bounds how long it may take to see whether workers can be isolated.
const tryTimeout = 30 * time.Second

// isolates sees whether workers are isolated as the configuration says.
func isolates(config Config, held *runtime.Runtime) error {
	if config.Sandbox == nil {
		config.Logger.Warn("workers are not isolated from each other, from the agent and from the node", "reason", config.NotIsolated)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	if err := held.TrySandbox(ctx); err != nil {
		return errs.New(errs.WrongState, "%w; to run workers that can reach each other, this agent and this machine, set isolation: none", err)
	}
	if config.WorkerUser != nil {
		config.Logger.Warn("all workers run as one user: files that it owns outside of the sandboxes are everybody's", "uid", config.WorkerUser.UID)
	}
	return nil
}
