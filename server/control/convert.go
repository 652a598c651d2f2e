package control

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func vector(v resource.Vector) *controlv1.Resources {
	return &controlv1.Resources{MilliCpu: v.MilliCPU, MemoryMib: v.MemoryMiB, DiskMib: v.DiskMiB}
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func failure(f state.Failure) *controlv1.Failure {
	if f == (state.Failure{}) {
		return nil
	}
	return &controlv1.Failure{Kind: f.Kind.String(), Message: f.Message}
}

// application shows a row. What its users decided is the row's own message, which never changes.
func application(view *state.View, a *state.Application) *controlv1.Application {
	counts := view.RunCounts(a.ID)
	return &controlv1.Application{
		ApplicationId:  a.ID,
		Arn:            ident.ApplicationARN(view.Region, view.Account, a.ID),
		Spec:           a.Spec,
		State:          a.State.String(),
		StateDetails:   a.StateDetails,
		CreatedBy:      a.CreatedBy,
		UpdatedBy:      a.UpdatedBy,
		CreatedAt:      timestamp(a.Created),
		UpdatedAt:      timestamp(a.Updated),
		UnfinishedRuns: int32(counts.Unfinished()),
		QueuedRuns:     int32(counts[state.RunQueued]),
		Used:           vector(view.UsedOfApplication(a.ID)),
		Pools:          pools(view, a),
	}
}

func worker(view *state.View, w *state.Worker) *controlv1.Worker {
	m := &controlv1.Worker{
		WorkerId:        w.ID,
		JobRunId:        w.Run,
		Attempt:         w.Attempt,
		Type:            w.Type.String(),
		Number:          w.Number,
		Epoch:           w.Epoch,
		State:           w.State.String(),
		NodeId:          w.Node,
		Size:            vector(w.Size.Vector),
		PlacedAt:        timestamp(w.Placed),
		RunningAt:       timestamp(w.Running),
		EndedAt:         timestamp(w.Ended),
		ExitReason:      w.Exit.Reason.String(),
		ExitCode:        w.Exit.Code,
		ExitMessage:     w.Exit.Message,
		SlotId:          w.Slot,
		ApplicationId:   w.Application,
		DiskType:        strings.ToUpper(w.Size.Disk.String()),
		PeakMemoryBytes: w.Exit.PeakBytes,
		Warm:            w.Warm,
		ColdReason:      w.ColdReason,
	}
	if n := view.Node(w.Node); n != nil {
		m.NodeName, m.Zone = n.Name, n.Zone
	}
	return m
}

func node(view *state.View, n *state.Node) *controlv1.Node {
	workers, slots := int32(0), int32(0)
	for range view.LiveWorkersOfNode(n.ID) {
		workers++
	}
	for range view.PoolOfNode(n.ID) {
		slots++
	}
	return &controlv1.Node{
		NodeId:       n.ID,
		Name:         n.Name,
		Zone:         n.Zone,
		State:        n.State.String(),
		StateDetails: n.StateDetails,
		Capacity:     vector(n.Capacity),
		Used: vector(
			view.UsedOfNode(n.ID),
		),
		Workers:       workers,
		Releases:      n.Releases,
		Architecture:  n.Architecture,
		Host:          n.Host,
		AgentVersion:  n.AgentVersion,
		RegisteredAt:  timestamp(n.Registered),
		JavaVersions:  n.Java,
		PythonVersion: n.Python,
		Slots:         slots,
		JoinedAt: timestamp(
			n.Joined,
		),
		CertificateName:   n.Certificate.Name,
		CertificateSha256: n.Certificate.SHA256,
		HeldBack:          n.HeldBack,
		Isolation:         n.Isolation,
		IsolationGaps:     n.Gaps,
		SharedDirectories: n.Shared,
	}
}
