package control

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
)

// The bounds of what a user decides about an application, in minutes where they are times.
const (
	maxIdleTimeout     = 10080
	defaultIdleTimeout = 15
	maxWeight          = 1000
	architectureX86    = "X86_64"
	architectureARM    = "ARM64"
)

var (
	applicationName = regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,64}$`)
	releaseLabel    = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)
)

// specOf checks the shape of a new application: what an update may change is checked as an update of the defaults.
func specOf(r *controlv1.CreateApplicationRequest) (state.Application, error) {
	spec := state.Application{Name: r.GetName(), Engine: state.Engine(r.GetEngine()), Tags: r.GetTags(), Architecture: architectureX86,
		AutoStart: true, IdleTimeout: defaultIdleTimeout * time.Minute, QueueTimeout: defaultQueueTimeout * time.Minute, Weight: 1}
	switch {
	case spec.Name != "" && !applicationName.MatchString(spec.Name):
		return spec, errs.Field("name", "%.80q is not 1 to 64 of A-Z a-z 0-9 . _ / # -", spec.Name)
	case spec.Engine < state.EngineSpark || spec.Engine > state.EngineProcess:
		return spec, errs.Field("engine", "an application needs an engine: SPARK, HIVE or PROCESS")
	case r.GetReleaseLabel() == "" && spec.Engine != state.EngineProcess:
		return spec, errs.Field("release_label", "an application of engine %s needs a release such as emr-7.2.0", spec.Engine)
	}
	if err := change(&spec, updateOf(r)); err != nil {
		return spec, err
	}
	return spec, command.CheckTags("tags", spec.Tags)
}

// updateOf is what a new application has besides its defaults.
func updateOf(r *controlv1.CreateApplicationRequest) *controlv1.UpdateApplicationRequest {
	label := r.GetReleaseLabel()
	if label == "" {
		label = command.ProcessRelease
	}
	u := &controlv1.UpdateApplicationRequest{ReleaseLabel: &label, MaximumCapacity: r.GetMaximumCapacity(), AutoStart: r.AutoStart,
		IdleTimeoutMinutes: r.IdleTimeoutMinutes, Weight: r.Weight, Scheduler: r.GetScheduler(), Monitoring: r.GetMonitoring(),
		RuntimeConfiguration: &controlv1.ConfigurationList{Configurations: r.GetRuntimeConfiguration()},
		InitialCapacity:      &controlv1.InitialCapacityList{Entries: r.GetInitialCapacity()},
		Surroundings:         r.GetSurroundings(), AutoStop: r.AutoStop}
	if r.GetArchitecture() != "" {
		u.Architecture = &r.Architecture
	}
	return u
}

// change applies an update to what a user decided about an application; what the update leaves out stays.
func change(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	for _, set := range []func(*state.Application, *controlv1.UpdateApplicationRequest) error{
		setPlace, setTimes, setAutoStop, setCapacity, setInitial, setScheduler, setSettings, setSurroundings,
	} {
		if err := set(spec, r); err != nil {
			return err
		}
	}
	return nil
}

// setPlace takes what its workers run on.
func setPlace(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	if r.ReleaseLabel != nil {
		if spec.Release = r.GetReleaseLabel(); !releaseLabel.MatchString(spec.Release) {
			return errs.Field("release_label", "%.80q is not 1 to 64 of A-Z a-z 0-9 . _ / -", spec.Release)
		}
	}
	if r.Architecture != nil {
		if spec.Architecture = r.GetArchitecture(); spec.Architecture != architectureX86 && spec.Architecture != architectureARM {
			return errs.Field("architecture", "%.80q is neither %s nor %s", spec.Architecture, architectureX86, architectureARM)
		}
	}
	return nil
}

// setTimes takes when it starts and stops, and its weight.
func setTimes(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	if r.AutoStart != nil {
		spec.AutoStart = r.GetAutoStart()
	}
	if r.IdleTimeoutMinutes != nil {
		minutes := r.GetIdleTimeoutMinutes()
		if minutes < 0 || minutes > maxIdleTimeout {
			return errs.Field("idle_timeout_minutes", "%d is not between 0 and %d", minutes, maxIdleTimeout)
		}
		spec.IdleTimeout, spec.PausedTimeout = time.Duration(minutes)*time.Minute, 0
	}
	if r.Weight != nil {
		if spec.Weight = r.GetWeight(); spec.Weight < 1 || spec.Weight > maxWeight {
			return errs.Field("weight", "%d is not between 1 and %d", spec.Weight, maxWeight)
		}
	}
	return nil
}

// setAutoStop switches the idle timeout on or off. Switched off it is kept, so that it comes back as it was.
func setAutoStop(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	if r.AutoStop == nil {
		return nil
	}
	timeout := cmp.Or(spec.IdleTimeout, spec.PausedTimeout, defaultIdleTimeout*time.Minute)
	if spec.IdleTimeout, spec.PausedTimeout = timeout, 0; !r.GetAutoStop() {
		spec.IdleTimeout, spec.PausedTimeout = 0, timeout
	}
	return nil
}

// mostCapacity bounds what can be said at all: about a million times a large machine.
var mostCapacity = resource.Vector{MilliCPU: 1 << 40, MemoryMiB: 1 << 40, DiskMiB: 1 << 50}

func setCapacity(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	if r.GetMaximumCapacity() == nil {
		return nil
	}
	spec.Limit = vectorOf(r.GetMaximumCapacity())
	if v := spec.Limit; v.MilliCPU < 0 || v.MemoryMiB < 0 || v.DiskMiB < 0 {
		return errs.Field("maximum_capacity", "%s: no part can be negative; a part of 0 has no limit", v)
	}
	if !spec.Limit.FitsIn(mostCapacity) {
		return errs.Field("maximum_capacity", "%s is more than %s; leave a part out for no limit", spec.Limit, mostCapacity)
	}
	return nil
}

func setSettings(spec *state.Application, r *controlv1.UpdateApplicationRequest) (err error) {
	if r.GetRuntimeConfiguration() != nil {
		spec.Configuration = configurationsOf(r.GetRuntimeConfiguration().GetConfigurations())
		if err := checkConfigurations("runtime_configuration", spec.Configuration); err != nil {
			return err
		}
	}
	if r.GetMonitoring() != nil {
		spec.Monitoring, err = monitoringOf(r.GetMonitoring())
	}
	return err
}

// word brings a name that users write in several ways into one: upper case, without spaces around it.
func word(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
