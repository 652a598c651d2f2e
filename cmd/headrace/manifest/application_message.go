package manifest

import (
	"maps"
	"strings"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// ApplicationOf returns the spec of an application that a cluster has.
func ApplicationOf(a *controlv1.Application) *Application {
	autoStart, weight := a.GetAutoStart(), a.GetWeight()
	spec := &Application{Type: engineName(a.GetEngine()), ReleaseLabel: a.GetReleaseLabel(), Architecture: a.GetArchitecture(),
		InitialCapacity: initialCapacityOf(a.GetInitialCapacity()), MaximumCapacity: capacityOf(a.GetMaximumCapacity()),
		AutoStartConfiguration: &AutoStart{Enabled: &autoStart}, AutoStopConfiguration: autoStopOf(a.GetIdleTimeoutMinutes()),
		RuntimeConfiguration: configurationsOf(a.GetRuntimeConfiguration()), Monitoring: monitoringOf(a.GetMonitoring()),
		Scheduler: schedulerOf(a.GetScheduler()), Tags: maps.Clone(a.GetTags())}
	if weight != 0 {
		spec.Weight = &weight
	}
	return spec.Full()
}

// Create returns the request that creates the application.
func (a *Application) Create(name string) *controlv1.CreateApplicationRequest {
	autoStart, idle, weight := a.autoStart(), a.idleMinutes(), a.weight()
	return &controlv1.CreateApplicationRequest{Name: name, Engine: engines[strings.ToUpper(a.Type)], ReleaseLabel: a.ReleaseLabel,
		Architecture: strings.ToUpper(a.Architecture), InitialCapacity: initialCapacity(a.InitialCapacity), MaximumCapacity: a.MaximumCapacity.resources(),
		AutoStart: &autoStart, IdleTimeoutMinutes: &idle, RuntimeConfiguration: configurations(a.RuntimeConfiguration), Monitoring: a.Monitoring.message(),
		Scheduler: a.scheduler(), Weight: &weight, Tags: a.Tags}
}

// Update returns the request that makes an application like this one, with the fields that changed; nil if none did. Tags have
// requests of their own.
func (a *Application) Update(id string, changes []Change) *controlv1.UpdateApplicationRequest {
	full, r, some := a.Full(), &controlv1.UpdateApplicationRequest{ApplicationId: id}, false
	set := map[string]func(){
		"releaseLabel":            func() { r.ReleaseLabel = &full.ReleaseLabel },
		"architecture":            func() { r.Architecture = &full.Architecture },
		"autoStartConfiguration":  func() { r.AutoStart = full.AutoStartConfiguration.Enabled },
		"autoStopConfiguration":   func() { idle := a.idleMinutes(); r.IdleTimeoutMinutes = &idle },
		"weight":                  func() { r.Weight = full.Weight },
		"maximumCapacity":         func() { r.MaximumCapacity = orEmpty(full.MaximumCapacity).resources() },
		"schedulerConfiguration":  func() { r.Scheduler = orEmpty(a.scheduler()) },
		"monitoringConfiguration": func() { r.Monitoring = orEmpty(full.Monitoring).message() },
		"initialCapacity": func() {
			r.InitialCapacity = &controlv1.InitialCapacityList{Entries: initialCapacity(full.InitialCapacity)}
		},
		"runtimeConfiguration": func() {
			r.RuntimeConfiguration = &controlv1.ConfigurationList{Configurations: configurations(full.RuntimeConfiguration)}
		},
	}
	for _, change := range changes {
		if do, settable := set[change.Field()]; settable {
			do()
			some = true
		}
	}
	if !some {
		return nil
	}
	return r
}

// orEmpty returns an empty value for none: that is how a request says that something is removed.
func orEmpty[T any](value *T) *T {
	if value == nil {
		return new(T)
	}
	return value
}
