package client

import (
	"context"
	"time"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of WaitReady.
const (
	readyEvery = 100 * time.Millisecond
	readyWait  = 90 * time.Second
)

// WaitReady waits until the cluster has a leader and at least so many ready nodes, and returns the leader's id. It
// polls, because a cluster without a leader has no events.
func (c *Client) WaitReady(ctx context.Context, nodes int) (leader string, err error) {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		status, err := controlv1.NewClusterServiceClient(c).GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
		leader = leaderOf(status)
		if err == nil && leader != "" && int(status.GetNodesReady()) >= nodes {
			return leader, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", errs.New(
				errs.Unavailable,
				"cannot wait longer for the cluster: after %s it has leader %q and %d of %d nodes",
				readyWait,
				leader,
				status.GetNodesReady(),
				nodes,
			)
		}
	}
}

func leaderOf(status *controlv1.GetClusterStatusResponse) string {
	for _, server := range status.GetServers() {
		if server.GetLeader() {
			return server.GetServerId()
		}
	}
	return ""
}
