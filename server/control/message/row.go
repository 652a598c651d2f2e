package message

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec/support"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Resources shows an amount.
func Resources(v resource.Vector) *controlv1.Resources {
	return &controlv1.Resources{MilliCpu: v.MilliCPU, MemoryMib: v.MemoryMiB, DiskMib: v.DiskMiB}
}

// Time shows a time; nil: it has not come.
func Time(t time.Time) *timestamppb.Timestamp {
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

// Application shows a row. What its users decided is the row's own message, which never changes.
func Application(view *state.View, a *state.Application) *controlv1.Application {
	counts := view.RunCounts(a.ID)
	return &controlv1.Application{
		ApplicationId:  a.ID,
		Arn:            ident.ApplicationARN(view.Region, view.Account, a.ID),
		Spec:           a.Spec,
		State:          a.State.String(),
		StateDetails:   applicationDetails(a),
		CreatedBy:      a.CreatedBy,
		UpdatedBy:      a.UpdatedBy,
		CreatedAt:      Time(a.Created),
		UpdatedAt:      Time(a.Updated),
		UnfinishedRuns: int32(counts.Unfinished()),
		QueuedRuns:     int32(counts[state.RunQueued]),
		Used:           Resources(view.UsedOfApplication(a.ID)),
		Pools:          pools(view, a),
	}
}

// applicationDetails says why an application is in its state, and what its users decided that nothing acts on.
func applicationDetails(a *state.Application) string {
	all := support.Notes(a.Spec)
	if a.StateDetails != "" {
		all = append([]string{a.StateDetails}, all...)
	}
	return strings.Join(all, "; ")
}

// Worker shows a row.
func Worker(view *state.View, w *state.Worker) *controlv1.Worker {
	m := &controlv1.Worker{
		WorkerId:        w.ID,
		JobRunId:        w.Run,
		Attempt:         w.Attempt,
		Type:            w.Type.String(),
		Number:          w.Number,
		Epoch:           w.Epoch,
		State:           w.State.String(),
		NodeId:          w.Node,
		Size:            Resources(w.Size.Vector),
		PlacedAt:        Time(w.Placed),
		RunningAt:       Time(w.Running),
		EndedAt:         Time(w.Ended),
		ExitReason:      w.Exit.Reason.String(),
		ExitCode:        w.Exit.Code,
		ExitSignal:      w.Exit.Signal,
		ExitMessage:     w.Exit.Message,
		SlotId:          w.Slot,
		ApplicationId:   w.Application,
		DiskType:        strings.ToUpper(w.Size.Disk.String()),
		PeakMemoryBytes: w.Exit.PeakBytes,
		Warm:            w.Warm,
		ColdReason:      w.ColdReason,
	}
	if n := view.Node(w.Node); n != nil {
		m.NodeName = n.Name
		m.Zone = n.Zone
	}
	return m
}

// Node shows a row, with how much is on it.
func Node(view *state.View, n *state.Node) *controlv1.Node {
	var workers, slots int32
	for range view.LiveWorkersOfNode(n.ID) {
		workers++
	}
	for range view.PoolOfNode(n.ID) {
		slots++
	}
	m := &controlv1.Node{
		NodeId:            n.ID,
		Name:              n.Name,
		Zone:              n.Zone,
		State:             n.State.String(),
		StateDetails:      n.StateDetails,
		Capacity:          Resources(n.Capacity),
		Used:              Resources(view.UsedOfNode(n.ID)),
		Workers:           workers,
		Releases:          n.Releases,
		Architecture:      n.Architecture,
		Host:              n.Host,
		AgentVersion:      n.AgentVersion,
		RegisteredAt:      Time(n.Registered),
		JavaVersions:      n.Java,
		PythonVersion:     n.Python,
		Labels:            n.Labels.Map(),
		Slots:             slots,
		JoinedAt:          Time(n.Joined),
		CertificateName:   n.Certificate.Name,
		CertificateSha256: n.Certificate.SHA256,
		HeldBack:          n.HeldBack,
		Isolation:         n.Isolation,
		IsolationGaps:     n.Gaps,
		SharedDirectories: n.Shared,
	}
	addService(m, n)
	return m
}
