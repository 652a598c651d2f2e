package control

import (
	"context"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/control/routing"
)

type updateRequest = controlv1.UpdateApplicationRequest

// updateOf replaces fields of an application.
func updateOf(id string, spec *specv1.Application, mask ...string) *updateRequest {
	return &updateRequest{ApplicationId: id, Spec: spec, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}}
}

func weight(n int64) *specv1.Application { return specv1.Application_builder{Weight: new(n)}.Build() }

func (s *service) update(r *updateRequest) *controlv1.Application {
	s.t.Helper()
	answer, err := s.UpdateApplication(s.t.Context(), r)
	must(s.t, err)
	return answer.GetApplication()
}

// everything is an application of which all is said that an update may change.
func everything(a *specv1.Application) {
	sparkApplication(a)
	a.SetName("all")
	a.SetTags(map[string]string{"Team": "Data"})
	a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MilliCpu: new(int64(64_000))}.Build())
	a.SetScheduler(queue(1, 60))
	a.SetMonitoring(everywhere())
	hold(a, "DRIVER", 1, 1000, 2)
	a.SetRuntimeConfiguration(property("spark.executor.cores", "2"))
}

func TestUpdateApplication_WhatItsMaskLeavesOutStays(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	before, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
	must(t, err)
	want := before.GetApplication()
	for _, c := range []struct {
		name    string
		request *updateRequest
		change  func(*controlv1.Application)
	}{
		{"nothing", updateOf(id, nil), func(*controlv1.Application) {}},
		{"weight", updateOf(id, weight(7), "weight"), func(a *controlv1.Application) {
			a.GetSpec().SetWeight(7)
			a.UpdatedBy = "local"
		}},
		{"the same", updateOf(id, weight(7), "weight"), func(*controlv1.Application) {}},
		{"what no mask names", updateOf(id, weight(9)), func(*controlv1.Application) {}},
	} {
		got := s.update(c.request)
		c.change(want)
		want.UpdatedAt = got.GetUpdatedAt()
		wantSame(t, c.name, got, want)
	}
}

func TestUpdateApplication_ReplacesAndRemoves(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	other := specv1.Application_builder{
		ReleaseLabel:         new("emr-7.1.0"),
		Architecture:         specv1.Architecture_ARCHITECTURE_ARM64.Enum(),
		AutoStart:            specv1.AutoStart_builder{Enabled: new(false)}.Build(),
		AutoStop:             specv1.AutoStop_builder{Enabled: new(false)}.Build(),
		RuntimeConfiguration: property("spark.driver.cores", "1"),
	}.Build()
	hold(other, "executor", 2, 4000, 8)
	a := s.update(
		updateOf(
			id,
			other,
			"release_label",
			"architecture",
			"auto_start",
			"auto_stop",
			"runtime_configuration",
			"initial_capacity",
		),
	)
	spec := a.GetSpec()
	if spec.GetReleaseLabel() != "emr-7.1.0" || spec.GetArchitecture() != specv1.Architecture_ARCHITECTURE_ARM64 ||
		spec.GetAutoStart().GetEnabled() || spec.GetAutoStop().GetEnabled() || len(spec.GetInitialCapacity()) != 1 {
		t.Errorf("replaced: %v", a)
	}
	if e := spec.GetInitialCapacity()["executor"]; e.GetWorkerCount() != 2 || e.GetWorkerSize().GetDiskMib() != 20<<10 {
		t.Errorf("initial capacity: %v", e)
	}
	wantSame(t, "settings", spec.GetRuntimeConfiguration()[0], property("spark.driver.cores", "1")[0])
	a = s.update(
		updateOf(id, nil, "maximum_capacity", "scheduler", "monitoring", "initial_capacity", "runtime_configuration"),
	)
	spec = a.GetSpec()
	if spec.HasMaximumCapacity() || spec.HasScheduler() || spec.HasMonitoring() || spec.GetInitialCapacity() != nil ||
		spec.GetRuntimeConfiguration() != nil || a.GetPools() != nil {
		t.Errorf("removed: %v", a)
	}
	if spec.GetTags()["Team"] != "Data" || spec.GetName() != "all" {
		t.Errorf("name or tags changed: %v", a)
	}
}

// The row that answers show is shared: an update makes another one.
func TestUpdateApplication_ChangesNoRowThatIsShown(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	row := s.door.View().Application(id).Spec
	before := proto.CloneOf(row)
	s.update(updateOf(id, weight(7), "weight", "monitoring"))
	_, err := s.TagResource(
		t.Context(),
		&controlv1.TagResourceRequest{ApplicationId: id, Tags: map[string]string{"k": "v"}},
	)
	must(t, err)
	wantSame(t, "the row before", row, before)
}

func TestUpdateApplication_NamesWhatIsWrong(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	all := []string{
		"release_label", "architecture", "initial_capacity", "maximum_capacity", "auto_start", "auto_stop",
		"runtime_configuration", "monitoring", "scheduler", "weight",
	}
	for name, c := range badApplications {
		a := specv1.Application_builder{ReleaseLabel: new("emr-7.2.0")}.Build()
		c.change(a)
		_, err := s.UpdateApplication(t.Context(), updateOf(id, a, all...))
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "spec."+c.field, c.names...) })
	}
	large := &specv1.Application{}
	hold(large, "EXECUTOR", 17, 4000, 8)
	release := specv1.Application_builder{ReleaseLabel: new("emr-9.9.9")}.Build()
	for name, c := range map[string]struct {
		request *updateRequest
		field   string
		names   []string
	}{
		"over the limit": {
			updateOf(id, large, "initial_capacity"),
			"spec.initial_capacity",
			[]string{"68 vCPU", "64 vCPU"},
		},
		"unknown release": {
			updateOf(id, release, "release_label"),
			"spec.release_label",
			[]string{"emr-9.9.9", "headrace release"},
		},
		"token":         {&updateRequest{ApplicationId: id, ClientToken: "a/b"}, "client_token", []string{"a/b"}},
		"unknown field": {updateOf(id, nil, "color"), "update_mask", []string{"color", "weight"}},
		"name":          {updateOf(id, nil, "name"), "update_mask", []string{"name", "for ever"}},
		"tags":          {updateOf(id, nil, "tags"), "update_mask", []string{"tags have requests of their own"}},
	} {
		_, err := s.UpdateApplication(t.Context(), c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
	_, err := s.UpdateApplication(t.Context(), &updateRequest{ApplicationId: "nobody"})
	wantError(t, err, errs.NotFound, "", "nobody")
	started := s.create(nil)
	_, err = s.StartApplication(t.Context(), &controlv1.StartApplicationRequest{ApplicationId: started})
	must(t, err)
	_, err = s.UpdateApplication(t.Context(), updateOf(started, weight(2), "weight"))
	wantError(t, err, errs.WrongState, "", started, "STARTED", "CREATED or STOPPED")
}

// A repetition changes nothing again, whether the client named it by token or in its metadata.
func TestUpdateApplication_IsRepeatedWithoutHarm(t *testing.T) {
	s := serve(t)
	id := s.create(nil)
	named := metadata.AppendToOutgoingContext(t.Context(), routing.RequestIDKey, "request-1")
	for name, c := range map[string]struct {
		ctx   context.Context
		token string
	}{"token": {t.Context(), "token-1"}, "metadata": {named, ""}} {
		ask := func(n int64) *updateRequest {
			r := updateOf(id, weight(n), "weight")
			r.ClientToken = c.token
			return r
		}
		_, err := s.UpdateApplication(c.ctx, ask(5))
		must(t, err)
		s.update(updateOf(id, weight(9), "weight"))
		again, err := s.UpdateApplication(c.ctx, ask(5))
		if err != nil || again.GetApplication().GetSpec().GetWeight() != 9 {
			t.Errorf("%s: the repetition changed it to %d, %v", name, again.GetApplication().GetSpec().GetWeight(), err)
		}
		_, err = s.UpdateApplication(c.ctx, ask(6))
		wantError(t, err, errs.Conflict, "")
	}
}
