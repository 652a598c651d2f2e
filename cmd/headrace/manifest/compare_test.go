package manifest

import (
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// ops returns what happens to which path.
func ops(changes []Change) map[string]Op {
	all := map[string]Op{}
	for _, c := range changes {
		all[c.Path] = c.Op
	}
	return all
}

func TestCompare_DefaultsAreNoDifference(t *testing.T) {
	yes := true
	stated := &Application{Type: "spark", Architecture: "x86_64", AutoStartConfiguration: &AutoStart{Enabled: &yes}, AutoStopConfiguration: &AutoStop{},
		MaximumCapacity: &Capacity{}, Monitoring: &Monitoring{S3: &S3Monitoring{}, ManagedPersistence: &ManagedPersistence{Enabled: &yes}, LogService: &LogService{}}}
	current := ApplicationOf(&controlv1.Application{Engine: controlv1.Engine_ENGINE_SPARK, Architecture: "X86_64", AutoStart: true, IdleTimeoutMinutes: 15, Weight: 1})
	if changes := stated.Compare(current); len(changes) > 0 {
		t.Errorf("changes %v, want none", changes)
	}
	if r := stated.Update("a", nil); r != nil {
		t.Errorf("request %v for no change", r)
	}
}

func TestCompare_WhatAFileLeavesOutIsRemoved(t *testing.T) {
	minutes := int64(60)
	current := ApplicationOf(&controlv1.Application{Engine: controlv1.Engine_ENGINE_SPARK, AutoStart: true, Weight: 1, MaximumCapacity: &controlv1.Resources{MilliCpu: 4000},
		Scheduler:       &controlv1.SchedulerConfiguration{MaxConcurrentRuns: 3, QueueTimeoutMinutes: &minutes},
		Monitoring:      &controlv1.Monitoring{Prometheus: &controlv1.PrometheusMonitoring{RemoteWriteUrl: "http://x"}},
		InitialCapacity: []*controlv1.InitialCapacity{{WorkerType: "DRIVER", WorkerCount: 1, WorkerSize: &controlv1.Resources{MilliCpu: 1000, MemoryMib: 2048}}}})
	bare := &Application{Type: "SPARK"}
	changes := bare.Compare(current)
	found := ops(changes)
	for path, want := range map[string]Op{"maximumCapacity.cpu": Remove, "schedulerConfiguration.maxConcurrentRuns": Remove, "autoStopConfiguration.enabled": Alter,
		"monitoringConfiguration.prometheusMonitoringConfiguration.remoteWriteUrl": Remove, "initialCapacity[DRIVER].workerCount": Remove} {
		if found[path] != want {
			t.Errorf("%s: %q, want %q", path, found[path], want)
		}
	}
	r := bare.Update("a", changes)
	if r.InitialCapacity == nil || r.MaximumCapacity == nil || r.Scheduler == nil || r.Monitoring == nil || r.GetIdleTimeoutMinutes() != 15 {
		t.Errorf("request %v, want every removal as an empty message", r)
	}
	if r.ReleaseLabel != nil || r.RuntimeConfiguration != nil || r.AutoStart != nil || r.Weight != nil {
		t.Errorf("request %v has what did not change", r)
	}
}

func TestToken_IsOfApplicationNameAndContent(t *testing.T) {
	run := func(name, program string) *JobRunDocument {
		return &JobRunDocument{Name: name, Spec: JobRun{JobDriver: JobDriver{Process: &Process{Command: []string{program}}}}}
	}
	base := run("n", "x").Token("a")
	if other := run("n", "x").Token("a"); other != base {
		t.Errorf("the same has the tokens %s and %s", base, other)
	}
	for name, other := range map[string]string{"application": run("n", "x").Token("b"), "name": run("m", "x").Token("a"), "content": run("n", "y").Token("a")} {
		if other == base {
			t.Errorf("another %s has the same token", name)
		}
	}
	given := run("n", "x")
	given.ClientToken = "mine"
	if given.Token("a") != "mine" || given.Token("b") != "mine" {
		t.Error("the given token is not used")
	}
	if len(base) > 64 {
		t.Errorf("the token %s is longer than the API takes", base)
	}
}

func TestNearest_OnlyWhatIsNear(t *testing.T) {
	known := []string{"releaseLabel", "type", "tags", "runtimeConfiguration"}
	for name, want := range map[string]string{"relaseLabel": "releaseLabel", "Tag": "tags", "runtimeConfig": "runtimeConfiguration", "banana": ""} {
		if got := nearest(name, known); got != want {
			t.Errorf("%s is near %q, want %q", name, got, want)
		}
	}
}
