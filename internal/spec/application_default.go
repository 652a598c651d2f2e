package spec

import (
	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The defaults of an application.
const (
	DefaultIdleTimeoutMinutes  = 15
	DefaultQueueTimeoutMinutes = 360 // also of an application without a scheduler
	DefaultMaxConcurrentRuns   = 15  // of one with a scheduler
	DefaultWeight              = 1
	DefaultPriority            = 50
	DefaultDiskMiB             = 20 << 10 // of a worker
)

// ProcessRelease is the label of applications of the PROCESS engine, which need no distribution.
const ProcessRelease = "process"

// DefaultApplication returns an application with every default written out and without messages that say nothing, so
// that two of them can be compared. It does not check anything: what is wrong stays wrong.
func DefaultApplication(said *specv1.Application) *specv1.Application {
	a := &specv1.Application{}
	if said != nil {
		a = proto.CloneOf(said)
	}
	dropImages(a)
	dropLimits(a.GetMaximumCapacity())
	dropMonitoring(a.GetMonitoring())
	logWords(a.GetMonitoring())
	scheduled := a.HasScheduler() // even an empty one says that there is to be one
	applicationOutline().prune(a.ProtoReflect(), false)
	if scheduled {
		defaultScheduler(a)
	}
	defaultPlatform(a)
	defaultTimes(a)
	for _, capacity := range a.GetInitialCapacity() {
		defaultSize(capacity.GetWorkerSize())
	}
	if !a.HasWeight() {
		a.SetWeight(DefaultWeight)
	}
	if !a.HasPriority() {
		a.SetPriority(DefaultPriority)
	}
	return a
}

// dropImages removes images without a reference, which are none.
func dropImages(a *specv1.Application) {
	if a.GetImage().GetUri() == "" {
		a.ClearImage()
	}
	for name, particular := range a.GetWorkerTypeSpecifications() {
		if particular.GetImage().GetUri() == "" {
			delete(a.GetWorkerTypeSpecifications(), name) // it has nothing but an image
		}
	}
}

// dropLimits removes parts that are 0: they have no limit, as those that are not there.
func dropLimits(m *specv1.MaximumCapacity) {
	if m.HasMilliCpu() && m.GetMilliCpu() == 0 {
		m.ClearMilliCpu()
	}
	if m.HasMemoryMib() && m.GetMemoryMib() == 0 {
		m.ClearMemoryMib()
	}
	if m.HasDiskMib() && m.GetDiskMib() == 0 {
		m.ClearDiskMib()
	}
}

// dropMonitoring removes what is as if it was not said: an application inherits nothing.
func dropMonitoring(m *specv1.Monitoring) {
	if p := m.GetManagedPersistence(); p != nil && !p.HasEncryptionKeyArn() && (!p.HasEnabled() || p.GetEnabled()) {
		m.ClearManagedPersistence()
	}
	if s := m.GetLogService(); s.HasEnabled() && !s.GetEnabled() {
		m.ClearLogService()
	}
}

func defaultScheduler(a *specv1.Application) {
	if !a.HasScheduler() {
		a.SetScheduler(&specv1.Scheduler{})
	}
	s := a.GetScheduler()
	if !s.HasQueueTimeoutMinutes() {
		s.SetQueueTimeoutMinutes(DefaultQueueTimeoutMinutes)
	}
	if !s.HasMaxConcurrentRuns() {
		s.SetMaxConcurrentRuns(DefaultMaxConcurrentRuns)
	}
}

// defaultPlatform says what its workers run on.
func defaultPlatform(a *specv1.Application) {
	if !a.HasReleaseLabel() && a.GetEngine() == specv1.Engine_ENGINE_PROCESS {
		a.SetReleaseLabel(ProcessRelease)
	}
	if !a.HasArchitecture() {
		a.SetArchitecture(specv1.Architecture_ARCHITECTURE_X86_64)
	}
}

// defaultTimes says when it starts and stops. An idle timeout that is switched off is there too, for when it is
// switched on.
func defaultTimes(a *specv1.Application) {
	if !a.HasAutoStart() {
		a.SetAutoStart(specv1.AutoStart_builder{Enabled: new(true)}.Build())
	}
	if !a.HasAutoStop() {
		a.SetAutoStop(&specv1.AutoStop{})
	}
	stop := a.GetAutoStop()
	if !stop.HasEnabled() {
		stop.SetEnabled(true)
	}
	if !stop.HasIdleTimeoutMinutes() {
		stop.SetIdleTimeoutMinutes(DefaultIdleTimeoutMinutes)
	}
}

func defaultSize(s *specv1.WorkerSize) {
	if s == nil {
		return
	}
	if !s.HasDiskMib() || s.GetDiskMib() == 0 {
		s.SetDiskMib(DefaultDiskMiB)
	}
	if !s.HasDiskType() {
		s.SetDiskType(specv1.DiskType_DISK_TYPE_STANDARD)
	}
}
