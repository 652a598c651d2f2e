package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/label"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func releaseRow(r *state.Release) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Release{Release: &snapshotv1.Release{
		Label:         r.Label,
		Engine:        specv1.Engine(r.Engine),
		EngineVersion: r.EngineVersion,
		Digest:        r.Digest,
		SizeBytes:     r.SizeBytes,
		AddedBy:       r.AddedBy,
	}}}
}

func releaseOf(m *snapshotv1.Release) state.Release {
	return state.Release{
		Label:         m.GetLabel(),
		Engine:        state.Engine(m.GetEngine()),
		EngineVersion: m.GetEngineVersion(),
		Digest:        m.GetDigest(),
		SizeBytes:     m.GetSizeBytes(),
		AddedBy:       m.GetAddedBy(),
	}
}

func nodeRow(n *state.Node) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Node{Node: &snapshotv1.Node{
		NodeId:             n.ID,
		Name:               n.Name,
		Zone:               n.Zone,
		Capacity:           wire.Vector(n.Capacity),
		DiskTypes:          wire.Disks(n.ShuffleDisk),
		Architecture:       n.Architecture,
		Host:               n.Host,
		AgentVersion:       n.AgentVersion,
		Releases:           n.Releases,
		BootId:             n.BootID,
		JavaVersions:       n.Java,
		PythonVersion:      n.Python,
		State:              uint32(n.State),
		StateDetails:       n.StateDetails,
		RegisteredUnixNano: state.Nano(n.Registered),
		Certificate:        wire.Certificate(n.Certificate),
		JoinedUnixNano:     state.Nano(n.Joined),
		HeldBack:           n.HeldBack,
		Isolation:          n.Isolation,
		IsolationGaps:      n.Gaps,
		SharedDirectories:  n.Shared,
		Cordon:             cordonRow(n.Cordon),
		Drain:              drainRow(n.Drain),
		Aside:              asideRow(n.Aside),
		Failures:           failureRows(n.Failures),
		Labels:             n.Labels.Map(),
	}}}
}

func nodeOf(m *snapshotv1.Node) state.Node {
	return state.Node{
		ID:           m.GetNodeId(),
		Name:         m.GetName(),
		Zone:         m.GetZone(),
		Capacity:     wire.VectorOf(m.GetCapacity()),
		ShuffleDisk:  wire.DisksOf(m.GetDiskTypes()),
		Architecture: m.GetArchitecture(),
		Host:         m.GetHost(),
		AgentVersion: m.GetAgentVersion(),
		BootID:       m.GetBootId(),
		Releases:     m.GetReleases(),
		Java:         m.GetJavaVersions(),
		Python:       m.GetPythonVersion(),
		State:        state.NodeState(m.GetState()),
		StateDetails: m.GetStateDetails(),
		Registered:   state.Moment(m.GetRegisteredUnixNano()),
		Certificate:  wire.CertificateOf(m.GetCertificate()),
		Joined:       state.Moment(m.GetJoinedUnixNano()),
		HeldBack:     m.GetHeldBack(),
		Isolation:    m.GetIsolation(),
		Gaps:         m.GetIsolationGaps(),
		Shared:       m.GetSharedDirectories(),
		Cordon:       cordonOf(m.GetCordon()),
		Drain:        drainOf(m.GetDrain()),
		Aside:        asideOf(m.GetAside()),
		Failures:     failuresOf(m.GetFailures()),
		Labels:       label.Of(m.GetLabels()),
	}
}

func applicationRow(a *state.Application) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Application{Application: &snapshotv1.Application{
		ApplicationId:     a.ID,
		Spec:              a.Spec,
		State:             eventv1.ApplicationState(a.State),
		StateDetails:      a.StateDetails,
		StartAgain:        a.StartAgain,
		CreatedBy:         a.CreatedBy,
		UpdatedBy:         a.UpdatedBy,
		CreatedUnixNano:   state.Nano(a.Created),
		UpdatedUnixNano:   state.Nano(a.Updated),
		IdleSinceUnixNano: state.Nano(a.IdleSince),
	}}}
}

func applicationOf(m *snapshotv1.Application) state.Application {
	a := state.Application{}
	a.Decide(m.GetSpec())
	a.ID = m.GetApplicationId()
	a.State = state.ApplicationState(m.GetState())
	a.StateDetails = m.GetStateDetails()
	a.CreatedBy = m.GetCreatedBy()
	a.StartAgain = m.GetStartAgain()
	a.UpdatedBy = m.GetUpdatedBy()
	a.Created = state.Moment(m.GetCreatedUnixNano())
	a.Updated = state.Moment(m.GetUpdatedUnixNano())
	a.IdleSince = state.Moment(m.GetIdleSinceUnixNano())
	return a
}

func slotRow(s *state.Slot) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Slot{Slot: &snapshotv1.Slot{
		SlotId:           s.ID,
		ApplicationId:    s.Application,
		NodeId:           s.Node,
		Size:             wire.Size(s.Size),
		WorkerId:         s.Worker,
		Type:             eventv1.WorkerType(s.Type),
		Ready:            s.Ready,
		ReservedUnixNano: state.Nano(s.Reserved),
	}}}
}

func slotOf(m *snapshotv1.Slot) state.Slot {
	return state.Slot{
		ID:          m.GetSlotId(),
		Application: m.GetApplicationId(),
		Node:        m.GetNodeId(),
		Size:        wire.SizeOf(m.GetSize()),
		Worker:      m.GetWorkerId(),
		Type:        state.WorkerType(m.GetType()),
		Ready:       m.GetReady(),
		Reserved:    state.Moment(m.GetReservedUnixNano()),
	}
}

func requestRow(r *state.Request) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_Request{Request: &snapshotv1.Request{
		Key:             r.Key,
		Fingerprint:     r.Fingerprint,
		ResourceId:      r.Resource,
		ExpiresUnixNano: state.Nano(r.Expires),
	}}}
}

func requestOf(m *snapshotv1.Request) state.Request {
	return state.Request{
		Key:         m.GetKey(),
		Fingerprint: m.GetFingerprint(),
		Resource:    m.GetResourceId(),
		Expires:     state.Moment(m.GetExpiresUnixNano()),
	}
}

func accessKeyRow(k *state.AccessKey) *snapshotv1.Row {
	return &snapshotv1.Row{Row: &snapshotv1.Row_AccessKey{AccessKey: &snapshotv1.AccessKey{
		AccessKeyId:     k.ID,
		User:            k.User,
		SealedSecret:    k.Sealed,
		CreatedBy:       k.CreatedBy,
		CreatedUnixNano: state.Nano(k.Created),
	}}}
}

func accessKeyOf(m *snapshotv1.AccessKey) state.AccessKey {
	return state.AccessKey{
		ID:        m.GetAccessKeyId(),
		User:      m.GetUser(),
		Sealed:    m.GetSealedSecret(),
		CreatedBy: m.GetCreatedBy(),
		Created:   state.Moment(m.GetCreatedUnixNano()),
	}
}
