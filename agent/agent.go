package agent

import (
	"context"
	"io"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Agent is one node's agent.
type Agent struct {
	config  Config
	engines Engines
}

// New returns an agent that has not begun. It makes the data directory and the node's id if there are none.
func New(config Config, engines Engines) (*Agent, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Agent{config: config, engines: engines}, nil
}

// Run adopts the workers that are there, and serves the cluster until the context ends. All that it started has stopped when it
// returns, but the workers, unless Config.StopWorkers says so. It is called once.
func (a *Agent) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// SetDemand tells the leader what a Spark driver wants, now and on every new session, until that driver's worker has ended.
func (a *Agent) SetDemand(_ *agentv1.Demand) {}

// OpenRelease opens the archive of that SHA-256 in the servers' cache at an offset in bytes. The caller closes it.
func (a *Agent) OpenRelease(_ context.Context, _ []byte, _ int64) (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }
