package http

import (
	"cmp"
	"strings"
	"unicode/utf8"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// maxDetails bounds details of a state, in characters: a client may hold that there are no more.
const maxDetails = 256

func application(a *controlv1.Application) wire.Application {
	return wire.Application{ApplicationID: a.GetApplicationId(), Name: a.GetName(), ARN: a.GetArn(), ReleaseLabel: a.GetReleaseLabel(), Type: engineName(a.GetEngine()),
		State: a.GetState(), StateDetails: cut(a.GetStateDetails()), CreatedAt: wire.Time(a.GetCreatedAt()), UpdatedAt: wire.Time(a.GetUpdatedAt()),
		Tags: tags(a.GetTags()), ApplicationSettings: settings(a)}
}

func applicationSummary(a *controlv1.Application) wire.ApplicationSummary {
	return wire.ApplicationSummary{ID: a.GetApplicationId(), Name: a.GetName(), ARN: a.GetArn(), ReleaseLabel: a.GetReleaseLabel(), Type: engineName(a.GetEngine()),
		State: a.GetState(), StateDetails: cut(a.GetStateDetails()), CreatedAt: wire.Time(a.GetCreatedAt()), UpdatedAt: wire.Time(a.GetUpdatedAt()),
		Architecture: a.GetArchitecture()}
}

// engineName writes an engine as the original does.
func engineName(e controlv1.Engine) string {
	switch e {
	case controlv1.Engine_ENGINE_SPARK:
		return "Spark"
	case controlv1.Engine_ENGINE_HIVE:
		return "Hive"
	}
	return "Process"
}

// cut shortens details that are longer than clients expect.
func cut(details string) string {
	if utf8.RuneCountInString(details) <= maxDetails {
		return details
	}
	return string([]rune(details)[:maxDetails-3]) + "..."
}

// tags returns tags that are there even if there are none.
func tags(all map[string]string) wire.Tags {
	if all == nil {
		all = map[string]string{}
	}
	return all
}

// settings shows what a user decided, and the defaults of what switches an application on and off.
func settings(a *controlv1.Application) wire.ApplicationSettings {
	on, stops := a.GetAutoStart(), a.GetIdleTimeoutMinutes() > 0
	s := wire.ApplicationSettings{AutoStart: &wire.Enabled{Enabled: &on}, AutoStop: &wire.AutoStop{Enabled: &stops}, Architecture: a.GetArchitecture(),
		RuntimeConfiguration: configurationsOf(a.GetRuntimeConfiguration()), Monitoring: monitoringOf(a.GetMonitoring())}
	if minutes := cmp.Or(a.GetIdleTimeoutMinutes(), a.GetPausedIdleTimeoutMinutes()); minutes > 0 {
		s.AutoStop.IdleTimeoutMinutes = &minutes
	}
	if r := a.GetMaximumCapacity(); r.GetMilliCpu() != 0 || r.GetMemoryMib() != 0 || r.GetDiskMib() != 0 {
		s.MaximumCapacity = &wire.MaximumCapacity{CPU: wire.FormatCPU(r.GetMilliCpu()), Memory: wire.FormatGB(r.GetMemoryMib()), Disk: wire.FormatGB(r.GetDiskMib())}
	}
	for _, i := range a.GetInitialCapacity() {
		if s.InitialCapacity == nil {
			s.InitialCapacity = map[string]wire.InitialCapacity{}
		}
		s.InitialCapacity[cmp.Or(i.GetWrittenType(), i.GetWorkerType())] = wire.InitialCapacity{WorkerCount: i.GetWorkerCount(),
			Configuration: &wire.WorkerShape{CPU: wire.FormatCPU(i.GetWorkerSize().GetMilliCpu()), Memory: wire.FormatGB(i.GetWorkerSize().GetMemoryMib()),
				Disk: wire.FormatGB(i.GetWorkerSize().GetDiskMib()), DiskType: i.GetDiskType()}}
	}
	if m := a.GetScheduler(); m != nil {
		s.Scheduler = &wire.Scheduler{QueueTimeoutMinutes: m.QueueTimeoutMinutes}
		if runs := int32(m.GetMaxConcurrentRuns()); runs > 0 {
			s.Scheduler.MaxConcurrentRuns = &runs
		}
	}
	surround(&s, a.GetSurroundings())
	return s
}

// surround shows what workers run in.
func surround(s *wire.ApplicationSettings, m *controlv1.Surroundings) {
	s.Image, s.DiskEncryption = imageOf(m.GetImage()), diskEncryptionOf(m.GetDiskEncryption())
	for _, w := range m.GetWorkerImages().GetEntries() {
		if s.WorkerTypes == nil {
			s.WorkerTypes = map[string]wire.WorkerTypeSpecification{}
		}
		s.WorkerTypes[w.GetWorkerType()] = wire.WorkerTypeSpecification{Image: imageOf(w.GetImage())}
	}
	if n := m.GetNetwork(); n != nil {
		s.Network = &wire.Network{SubnetIDs: n.GetSubnetIds(), SecurityGroupIDs: n.GetSecurityGroupIds()}
	}
	if i := m.GetInteractive(); i != nil {
		s.Interactive = &wire.Interactive{Studio: i.StudioEnabled, Livy: i.LivyEndpointEnabled, Session: i.SessionEnabled}
	}
	if i := m.GetIdentityCenter(); i != nil {
		s.IdentityCenter = &wire.IdentityCenter{InstanceARN: i.GetInstanceArn(), BackgroundSessions: i.UserBackgroundSessionsEnabled}
	}
	if m != nil && m.JobCostAllocation != nil {
		s.JobCostAllocation = &wire.Enabled{Enabled: m.JobCostAllocation}
	}
}

// imageOf shows an image. Its digest is known when the reference names it.
func imageOf(m *controlv1.Image) *wire.Image {
	if m == nil {
		return nil
	}
	image := &wire.Image{URI: m.GetUri(), ResolveOnce: m.ApplicationLevelDigestResolution}
	if _, digest, found := strings.Cut(m.GetUri(), "@"); found {
		image.ResolvedDigest = digest
	}
	return image
}
