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
		Releases: e.GetReleases(), Java: e.GetJavaVersions(), Python: e.GetPythonVersion(), State: state.NodeReady, Registered: a.now})
}

func (a *applier) nodeLost(e *eventv1.NodeLost) {
	row := a.tx.View().Node(e.GetNodeId())
	a.must(row != nil, "there is no node %s", e.GetNodeId())
	lost := *row
	lost.State, lost.StateDetails = state.NodeLost, e.GetReason()
	a.tx.PutNode(lost)
}
