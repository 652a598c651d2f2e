package control

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func vectorOf(m *controlv1.Resources) resource.Vector {
	return resource.Vector{MilliCPU: m.GetMilliCpu(), MemoryMiB: m.GetMemoryMib(), DiskMiB: m.GetDiskMib()}
}

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

func configurationsOf(ms []*controlv1.Configuration) []state.Configuration {
	var cs []state.Configuration
	for _, m := range ms {
		cs = append(cs, state.Configuration{Classification: m.GetClassification(), Properties: m.GetProperties(), Configurations: configurationsOf(m.GetConfigurations())})
	}
	return cs
}

func configurations(cs []state.Configuration) []*controlv1.Configuration {
	var ms []*controlv1.Configuration
	for _, c := range cs {
		ms = append(ms, &controlv1.Configuration{Classification: c.Classification, Properties: c.Properties, Configurations: configurations(c.Configurations)})
	}
	return ms
}

func application(view *state.View, a *state.Application) *controlv1.Application {
	counts := view.RunCounts(a.ID)
	return &controlv1.Application{ApplicationId: a.ID, Arn: ident.ApplicationARN(view.Region, view.Account, a.ID), Name: a.Name, Engine: controlv1.Engine(a.Engine),
		ReleaseLabel: a.Release, State: a.State.String(), StateDetails: a.StateDetails, MaximumCapacity: vector(a.Limit), AutoStart: a.AutoStart,
		IdleTimeoutMinutes: int64(a.IdleTimeout / time.Minute), Weight: a.Weight, RuntimeConfiguration: configurations(a.Configuration), Tags: a.Tags,
		Architecture: a.Architecture, CreatedBy: a.CreatedBy, UpdatedBy: a.UpdatedBy, CreatedAt: timestamp(a.Created), UpdatedAt: timestamp(a.Updated),
		UnfinishedRuns: int32(counts.Unfinished()),
		Used:           vector(view.UsedOfApplication(a.ID)), InitialCapacity: initialCapacity(a.Initial), Scheduler: schedulerOf(a),
		Monitoring: monitoring(a.Monitoring), Pools: pools(view, a), QueuedRuns: int32(counts[state.RunQueued]),
		Surroundings: surroundings(a.Surroundings), PausedIdleTimeoutMinutes: int64(a.PausedTimeout / time.Minute)}
}

func worker(view *state.View, w *state.Worker) *controlv1.Worker {
	m := &controlv1.Worker{WorkerId: w.ID, JobRunId: w.Run, Attempt: w.Attempt, Type: w.Type.String(), Number: w.Number, Epoch: w.Epoch,
		State: w.State.String(), NodeId: w.Node, Size: vector(w.Size.Vector), PlacedAt: timestamp(w.Placed), RunningAt: timestamp(w.Running),
		EndedAt: timestamp(w.Ended), ExitReason: w.Exit.Reason.String(), ExitCode: w.Exit.Code, ExitMessage: w.Exit.Message,
		SlotId: w.Slot, ApplicationId: w.Application, DiskType: diskTypeName(w.Size.Disk), PeakMemoryBytes: w.Exit.PeakBytes,
		Warm: w.Warm, ColdReason: w.ColdReason}
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
	return &controlv1.Node{NodeId: n.ID, Name: n.Name, Zone: n.Zone, State: n.State.String(), StateDetails: n.StateDetails, Capacity: vector(n.Capacity),
		Used: vector(view.UsedOfNode(n.ID)), Workers: workers, Releases: n.Releases, Architecture: n.Architecture, Host: n.Host,
		AgentVersion: n.AgentVersion, RegisteredAt: timestamp(n.Registered), JavaVersions: n.Java, PythonVersion: n.Python, Slots: slots,
		JoinedAt: timestamp(n.Joined), CertificateName: n.Certificate.Name, CertificateSha256: n.Certificate.SHA256, HeldBack: n.HeldBack,
		Isolation: n.Isolation, IsolationGaps: n.Gaps, SharedDirectories: n.Shared}
}
