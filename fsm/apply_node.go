package fsm

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

func (a *applier) nodeRegistered(e *eventv1.NodeRegistered) {
	a.tx.PutNode(state.Node{ID: e.GetNodeId(), Name: e.GetName(), Zone: e.GetZone(), Capacity: wire.VectorOf(e.GetCapacity()),
		ShuffleDisk:  slices.Contains(e.GetDiskTypes(), eventv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED),
		Architecture: e.GetArchitecture(), Host: e.GetHost(), AgentVersion: e.GetAgentVersion(), BootID: e.GetBootId(),
		Releases: e.GetReleases(), Java: e.GetJavaVersions(), Python: e.GetPythonVersion(), State: state.NodeReady, StateDetails: e.GetTrouble(), Registered: a.now})
}

func (a *applier) nodeLosing(e *eventv1.NodeLosing) {
	row := a.node(e.GetNodeId())
	a.must(row.State == state.NodeReady, "node %s is %s and cannot begin to be lost", row.ID, row.State)
	row.State, row.StateDetails = state.NodeLosing, e.GetReason()
	a.tx.PutNode(row)
}

func (a *applier) nodeLost(e *eventv1.NodeLost) {
	row := a.node(e.GetNodeId())
	row.State, row.StateDetails = state.NodeLost, e.GetReason()
	a.tx.PutNode(row)
}

// node returns a copy of a row that must be there.
func (a *applier) node(id string) state.Node {
	row := a.tx.View().Node(id)
	a.must(row != nil, "there is no node %s", id)
	return *row
}
