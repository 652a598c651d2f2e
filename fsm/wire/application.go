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
		RuntimeConfiguration: Configurations(a.Configuration), Tags: a.Tags, Architecture: a.Architecture}
}

// ApplicationOf reads what a user decided about an application; the other fields are zero.
func ApplicationOf(m *eventv1.ApplicationSpec) state.Application {
	return state.Application{Name: m.GetName(), Engine: state.Engine(m.GetEngine()), Release: m.GetReleaseLabel(), Limit: VectorOf(m.GetMaximumCapacity()),
		AutoStart: m.GetAutoStart(), IdleTimeout: time.Duration(m.GetIdleTimeoutMinutes()) * time.Minute, Weight: m.GetWeight(),
		Configuration: ConfigurationsOf(m.GetRuntimeConfiguration()), Tags: m.GetTags(), Architecture: m.GetArchitecture()}
}
