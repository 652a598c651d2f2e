package manifest

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ops returns what happens to which path.
func ops(changes []Change) map[string]Op {
	all := map[string]Op{}
	for _, c := range changes {
		all[c.Path] = c.Op
	}
	return all
}

// spark returns a Spark application, with defaults as a cluster has them.
func spark(b specv1.Application_builder) *specv1.Application {
	b.Engine = specv1.Engine_ENGINE_SPARK.Enum()
	return spec.DefaultApplication(b.Build())
}

func document(a *specv1.Application) *ApplicationDocument {
	return &ApplicationDocument{Name: "a", Spec: a}
}

func TestCompare_DefaultsAreNoDifference(t *testing.T) {
	stated := document(specv1.Application_builder{
		Engine:          specv1.Engine_ENGINE_SPARK.Enum(),
		Architecture:    specv1.Architecture_ARCHITECTURE_X86_64.Enum(),
		AutoStart:       specv1.AutoStart_builder{Enabled: new(true)}.Build(),
		AutoStop:        &specv1.AutoStop{},
		MaximumCapacity: &specv1.MaximumCapacity{},
		Monitoring: specv1.Monitoring_builder{
			S3:                 &specv1.S3Monitoring{},
			ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(true)}.Build(),
			LogService:         specv1.LogService_builder{Enabled: new(false)}.Build(),
		}.Build(),
	}.Build())
	current := spark(specv1.Application_builder{Name: new("a")})
	changes := stated.Compare(current)
	if len(changes) > 0 {
		t.Errorf("changes %v, want none", changes)
	}
	if r := stated.Update("a", current, changes); r != nil {
		t.Errorf("request %v for no change", r)
	}
}

// one returns one worker of a type.
func one(name string) map[string]*specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{MilliCpu: new(int64(1000)), MemoryMib: new(int64(2048))}.Build()
	return map[string]*specv1.InitialCapacity{
		name: specv1.InitialCapacity_builder{WorkerCount: new(int64(1)), WorkerSize: size}.Build(),
	}
}

// The cluster and the file may call a type of workers differently.
func TestCompare_NamesOfTypesAreNoDifference(t *testing.T) {
	current := spark(specv1.Application_builder{InitialCapacity: one("Driver")})
	d := document(specv1.Application_builder{
		Engine:          specv1.Engine_ENGINE_SPARK.Enum(),
		InitialCapacity: one("DRIVER"),
	}.Build())
	if changes := d.Compare(current); len(changes) > 0 {
		t.Errorf("changes %v, want none", changes)
	}
	d.Spec.GetInitialCapacity()["DRIVER"].SetWorkerCount(2)
	changes := d.Compare(current)
	if found := ops(changes); len(found) != 1 || found["initialCapacity[Driver].workerCount"] != Alter {
		t.Errorf("changes %v", changes)
	}
	if r := d.Update("a", current, changes); r.GetSpec().GetInitialCapacity()["Driver"].GetWorkerCount() != 2 {
		t.Errorf("request %v", r)
	}
}

func TestCompare_WhatAFileLeavesOutIsRemoved(t *testing.T) {
	current := spark(specv1.Application_builder{
		MaximumCapacity: specv1.MaximumCapacity_builder{MilliCpu: new(int64(4000))}.Build(),
		Scheduler: specv1.Scheduler_builder{
			MaxConcurrentRuns:   new(uint32(3)),
			QueueTimeoutMinutes: new(int64(60)),
		}.Build(),
		Monitoring: specv1.Monitoring_builder{
			Prometheus: specv1.PrometheusMonitoring_builder{RemoteWriteUrl: new("http://x")}.Build(),
		}.Build(),
		AutoStop:        specv1.AutoStop_builder{Enabled: new(false)}.Build(),
		InitialCapacity: one("DRIVER"),
		Tags:            map[string]string{"a": "b"},
	})
	bare := document(specv1.Application_builder{Engine: specv1.Engine_ENGINE_SPARK.Enum()}.Build())
	changes := bare.Compare(current)
	found := ops(changes)
	for path, want := range map[string]Op{
		"maximumCapacity.cpu":                                                      Remove,
		"schedulerConfiguration.maxConcurrentRuns":                                 Remove,
		"autoStopConfiguration.enabled":                                            Alter,
		"monitoringConfiguration.prometheusMonitoringConfiguration.remoteWriteUrl": Remove,
		"initialCapacity[DRIVER].workerCount":                                      Remove,
		"tags[a]":                                                                  Remove,
	} {
		if found[path] != want {
			t.Errorf("%s: %q, want %q", path, found[path], want)
		}
	}
	r := bare.Update("a", current, changes)
	mask := slices.Sorted(slices.Values(r.GetUpdateMask().GetPaths()))
	fields := []string{"auto_stop", "initial_capacity", "maximum_capacity", "monitoring", "scheduler"}
	if !slices.Equal(mask, fields) {
		t.Errorf("mask %v, want %v", mask, fields)
	}
	want := specv1.Application_builder{
		AutoStop: specv1.AutoStop_builder{Enabled: new(true), IdleTimeoutMinutes: new(int64(15))}.Build(),
	}.Build()
	if !proto.Equal(r.GetSpec(), want) {
		t.Errorf("request %v, want every removal as nothing", r)
	}
	after, err := spec.Replace(current, r.GetSpec(), r.GetUpdateMask().GetPaths())
	after.SetTags(nil)
	if rest := bare.Compare(after); err != nil || len(rest) > 0 {
		t.Errorf("after the update %v stays, %v", rest, err)
	}
}

func TestToken_IsOfApplicationNameAndContent(t *testing.T) {
	run := func(name, program string) *JobRunDocument {
		process := specv1.Process_builder{
			Command:     []string{program},
			Environment: map[string]string{"a": "b", "c": "d"},
		}.Build()
		driver := specv1.JobDriver_builder{Process: process}.Build()
		return &JobRunDocument{Name: name, Spec: specv1.JobRun_builder{Driver: driver}.Build()}
	}
	base := run("n", "x").Token("a")
	if other := run("n", "x").Token("a"); other != base {
		t.Errorf("the same has the tokens %s and %s", base, other)
	}
	for name, other := range map[string]string{
		"application": run("n", "x").Token("b"),
		"name":        run("m", "x").Token("a"),
		"content":     run("n", "y").Token("a"),
	} {
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
