package command

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// InitializeCluster gives the cluster its identity, once.
type InitializeCluster struct {
	Account, Region string
}

// Decide makes the cluster's id. If the cluster has one, nothing changes.
func (c *InitializeCluster) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if view.ID != "" {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(&eventv1.ClusterInitialized{ClusterId: meta.IDs.NewID(), AccountId: c.Account, Region: c.Region})
	return d.Events(), nil
}
