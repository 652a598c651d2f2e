package manifest

import (
	"strings"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Application is the spec of an application. What is left out has its default, in an update too: a file says all there is.
type Application struct {
	Type                   string                     `yaml:"type,omitempty"`
	ReleaseLabel           string                     `yaml:"releaseLabel,omitempty"`
	Architecture           string                     `yaml:"architecture,omitempty"`
	InitialCapacity        map[string]InitialCapacity `yaml:"initialCapacity,omitempty"`
	MaximumCapacity        *Capacity                  `yaml:"maximumCapacity,omitempty"`
	AutoStartConfiguration *AutoStart                 `yaml:"autoStartConfiguration,omitempty"`
	AutoStopConfiguration  *AutoStop                  `yaml:"autoStopConfiguration,omitempty"`
	RuntimeConfiguration   []Configuration            `yaml:"runtimeConfiguration,omitempty"`
	Monitoring             *Monitoring                `yaml:"monitoringConfiguration,omitempty"`
	Scheduler              *Scheduler                 `yaml:"schedulerConfiguration,omitempty"`
	Weight                 *int64                     `yaml:"weight,omitempty"`
	Tags                   map[string]string          `yaml:"tags,omitempty"`
}

// AutoStart says whether a submission starts the application; absent: yes.
type AutoStart struct {
	Enabled *bool `yaml:"enabled,omitempty"`
}

// AutoStop says after how many idle minutes the application stops; absent: 15.
type AutoStop struct {
	Enabled            *bool  `yaml:"enabled,omitempty"`
	IdleTimeoutMinutes *int64 `yaml:"idleTimeoutMinutes,omitempty"`
}

// Scheduler bounds what runs at once.
type Scheduler struct {
	QueueTimeoutMinutes *int64  `yaml:"queueTimeoutMinutes,omitempty"`
	MaxConcurrentRuns   *uint32 `yaml:"maxConcurrentRuns,omitempty"`
}

// The defaults of an application.
const (
	defaultArchitecture = "X86_64"
	defaultIdleMinutes  = 15
	defaultQueueMinutes = 360
	defaultWeight       = 1
	processRelease      = "process" // what a cluster calls the release of an application that needs none
	schedulerRuns       = 15        // once there is a schedulerConfiguration without a number
)

// engines are the types of applications.
var engines = map[string]controlv1.Engine{
	"SPARK": controlv1.Engine_ENGINE_SPARK, "HIVE": controlv1.Engine_ENGINE_HIVE, "PROCESS": controlv1.Engine_ENGINE_PROCESS,
}

// engineName returns an engine as a file has it.
func engineName(e controlv1.Engine) string { return strings.TrimPrefix(e.String(), "ENGINE_") }

// Full returns the spec with every default written out, so that two of them can be compared.
func (a *Application) Full() *Application {
	full := *a
	full.Type = strings.ToUpper(a.Type)
	full.Architecture = strings.ToUpper(a.Architecture)
	if full.Architecture == "" {
		full.Architecture = defaultArchitecture
	}
	if full.ReleaseLabel == "" && full.Type == "PROCESS" {
		full.ReleaseLabel = processRelease
	}
	full.InitialCapacity = withDefaults(a.InitialCapacity, full.Type)
	full.MaximumCapacity = capacityOf(a.MaximumCapacity.resources())
	autoStart, idle, weight := a.autoStart(), a.idleMinutes(), a.weight()
	full.AutoStartConfiguration = &AutoStart{Enabled: &autoStart}
	full.AutoStopConfiguration = autoStopOf(idle)
	full.Monitoring = a.Monitoring.effective()
	full.Scheduler = schedulerOf(a.scheduler())
	full.Weight = &weight
	return &full
}

func (a *Application) autoStart() bool {
	return a.AutoStartConfiguration == nil || a.AutoStartConfiguration.Enabled == nil || *a.AutoStartConfiguration.Enabled
}

// idleMinutes returns the minutes after which it stops; 0: never.
func (a *Application) idleMinutes() int64 {
	switch stop := a.AutoStopConfiguration; {
	case stop == nil:
		return defaultIdleMinutes
	case stop.Enabled != nil && !*stop.Enabled:
		return 0
	case stop.IdleTimeoutMinutes != nil:
		return *stop.IdleTimeoutMinutes
	}
	return defaultIdleMinutes
}

func autoStopOf(minutes int64) *AutoStop {
	enabled := minutes != 0
	if !enabled {
		return &AutoStop{Enabled: &enabled}
	}
	return &AutoStop{Enabled: &enabled, IdleTimeoutMinutes: &minutes}
}

func (a *Application) weight() int64 {
	if a.Weight == nil {
		return defaultWeight
	}
	return *a.Weight
}

// scheduler returns what may run at once, as the API has it; nil: no limit.
func (a *Application) scheduler() *controlv1.SchedulerConfiguration {
	if a.Scheduler == nil {
		return nil
	}
	minutes, runs := int64(defaultQueueMinutes), uint32(schedulerRuns)
	if a.Scheduler.QueueTimeoutMinutes != nil {
		minutes = *a.Scheduler.QueueTimeoutMinutes
	}
	if a.Scheduler.MaxConcurrentRuns != nil {
		runs = *a.Scheduler.MaxConcurrentRuns
	}
	return &controlv1.SchedulerConfiguration{MaxConcurrentRuns: runs, QueueTimeoutMinutes: &minutes}
}

func schedulerOf(s *controlv1.SchedulerConfiguration) *Scheduler {
	if s.GetMaxConcurrentRuns() == 0 {
		return nil
	}
	runs, minutes := s.GetMaxConcurrentRuns(), int64(defaultQueueMinutes)
	if s.QueueTimeoutMinutes != nil {
		minutes = s.GetQueueTimeoutMinutes()
	}
	return &Scheduler{MaxConcurrentRuns: &runs, QueueTimeoutMinutes: &minutes}
}
