package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/label"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

func (a *applier) nodeRegistered(e *eventv1.NodeRegistered) {
	n := state.Node{
		ID:           e.GetNodeId(),
		Name:         e.GetName(),
		Zone:         e.GetZone(),
		Capacity:     wire.VectorOf(e.GetCapacity()),
		ShuffleDisk:  wire.DisksOf(e.GetDiskTypes()),
		Architecture: e.GetArchitecture(),
		Host:         e.GetHost(),
		AgentVersion: e.GetAgentVersion(),
		BootID:       e.GetBootId(),
		Releases:     e.GetReleases(),
		Java:         e.GetJavaVersions(),
		Python:       e.GetPythonVersion(),
		Isolation:    e.GetIsolation(),
		Gaps:         e.GetIsolationGaps(),
		Shared:       e.GetSharedDirectories(),
		Labels:       label.Of(e.GetLabels()),
		StateDetails: e.GetTrouble(),
		Registered:   a.now,
		Certificate:  wire.CertificateOf(e.GetCertificate()),
	}
	if old := a.tx.View().Node(n.ID); old != nil {
		n.Joined = old.Joined
		n.HeldBack = old.HeldBack
		n.Cordon = old.Cordon
		n.Drain = old.Drain
		n.Aside = old.Aside
		n.Failures = old.Failures
	}
	a.tx.PutNode(here(n))
}

// here returns a node that holds a lease.
func here(n state.Node) state.Node {
	n.State = state.NodeReady
	if n.HeldBack {
		n.State = state.NodeNotApproved
		n.StateDetails = "an operator has yet to approve it"
	}
	return n
}

func (a *applier) nodeJoined(e *eventv1.NodeJoined) {
	joined := *a.node(e.GetNodeId())
	joined.Joined = a.now
	joined.HeldBack = e.GetHeldBack()
	a.tx.PutNode(here(joined))
}

func (a *applier) nodeApproved(e *eventv1.NodeApproved) {
	approved := *a.node(e.GetNodeId())
	approved.HeldBack = false
	if approved.Here() {
		approved.StateDetails = ""
		approved = here(approved)
	}
	a.tx.PutNode(approved)
}

// node returns a node that has to be there.
func (a *applier) node(id string) *state.Node {
	row := a.tx.View().Node(id)
	a.must(row != nil, "there is no node %s", id)
	return row
}

func (a *applier) nodeLosing(e *eventv1.NodeLosing) {
	losing := *a.node(e.GetNodeId())
	a.must(losing.State == state.NodeReady, "node %s is %s and cannot begin to be lost", losing.ID, losing.State)
	losing.State = state.NodeLosing
	losing.StateDetails = e.GetReason()
	a.tx.PutNode(losing)
}

func (a *applier) nodeLost(e *eventv1.NodeLost) {
	lost := *a.node(e.GetNodeId())
	lost.State = state.NodeLost
	lost.StateDetails = e.GetReason()
	a.tx.PutNode(lost)
}
