package wire

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// ApplicationSpec makes the message of what a user decided about an application.
func ApplicationSpec(a *state.Application) *eventv1.ApplicationSpec {
	return &eventv1.ApplicationSpec{Name: a.Name, Engine: eventv1.Engine(a.Engine), ReleaseLabel: a.Release, MaximumCapacity: Vector(a.Limit),
		AutoStart: a.AutoStart, IdleTimeoutMinutes: int64(a.IdleTimeout / time.Minute), Weight: a.Weight,
		RuntimeConfiguration: Configurations(a.Configuration), Tags: a.Tags, Architecture: a.Architecture,
		InitialCapacity: initialCapacity(a.Initial), MaxConcurrentRuns: a.MaxRuns, QueueTimeoutMinutes: int64(a.QueueTimeout / time.Minute),
		Monitoring: Monitoring(a.Monitoring), Surroundings: surroundings(a.Surroundings),
		PausedIdleTimeoutMinutes: int64(a.PausedTimeout / time.Minute)}
}

// ApplicationOf reads what a user decided about an application; the other fields are zero.
func ApplicationOf(m *eventv1.ApplicationSpec) state.Application {
	return state.Application{Name: m.GetName(), Engine: state.Engine(m.GetEngine()), Release: m.GetReleaseLabel(), Limit: VectorOf(m.GetMaximumCapacity()),
		AutoStart: m.GetAutoStart(), IdleTimeout: time.Duration(m.GetIdleTimeoutMinutes()) * time.Minute, Weight: m.GetWeight(),
		Configuration: ConfigurationsOf(m.GetRuntimeConfiguration()), Tags: m.GetTags(), Architecture: m.GetArchitecture(),
		Initial: initialCapacityOf(m.GetInitialCapacity()), MaxRuns: m.GetMaxConcurrentRuns(), QueueTimeout: time.Duration(m.GetQueueTimeoutMinutes()) * time.Minute,
		Monitoring: MonitoringOf(m.GetMonitoring()), Surroundings: surroundingsOf(m.GetSurroundings()),
		PausedTimeout: time.Duration(m.GetPausedIdleTimeoutMinutes()) * time.Minute}
}

func initialCapacity(is []state.InitialCapacity) []*eventv1.InitialCapacity {
	var ms []*eventv1.InitialCapacity
	for _, i := range is {
		ms = append(ms, &eventv1.InitialCapacity{Type: eventv1.WorkerType(i.Type), Count: i.Count, Size: Size(i.Size), WrittenType: i.Wrote})
	}
	return ms
}

func initialCapacityOf(ms []*eventv1.InitialCapacity) []state.InitialCapacity {
	var is []state.InitialCapacity
	for _, m := range ms {
		is = append(is, state.InitialCapacity{Type: state.WorkerType(m.GetType()), Count: m.GetCount(), Size: SizeOf(m.GetSize()), Wrote: m.GetWrittenType()})
	}
	return is
}
