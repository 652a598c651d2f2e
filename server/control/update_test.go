package control

import (
	"context"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

type updateRequest = controlv1.UpdateApplicationRequest

func (s *service) update(r *updateRequest) *controlv1.Application {
	s.t.Helper()
	answer, err := s.UpdateApplication(s.t.Context(), r)
	must(s.t, err)
	return answer.GetApplication()
}

// everything is an application of which all is said that an update may change.
func everything(r *createRequest) {
	sparkApplication(r)
	r.Name, r.Tags = "all", map[string]string{"Team": "Data"}
	r.MaximumCapacity, r.Scheduler, r.Monitoring = &controlv1.Resources{MilliCpu: 64_000}, queue(60), everywhere()
	r.InitialCapacity = []*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 2, 20, "")}
	r.RuntimeConfiguration = property("spark.executor.cores", "2")
}

func TestUpdateApplication_WhatIsAbsentStays(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	before, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
	must(t, err)
	want := before.GetApplication()
	for name, c := range map[string]struct {
		request *updateRequest
		change  func(*controlv1.Application)
	}{
		"nothing": {&updateRequest{}, func(*controlv1.Application) {}},
		"weight":  {&updateRequest{Weight: pointer(int64(7))}, func(a *controlv1.Application) { a.Weight, a.UpdatedBy = 7, "local" }},
	} {
		c.request.ApplicationId = id
		got := s.update(c.request)
		c.change(want)
		want.UpdatedAt = got.GetUpdatedAt()
		wantSame(t, name, got, want)
	}
}

func TestUpdateApplication_ReplacesAndRemoves(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	a := s.update(&updateRequest{ApplicationId: id, ReleaseLabel: pointer("emr-7.1.0"), Architecture: pointer("ARM64"), AutoStart: pointer(false), IdleTimeoutMinutes: pointer(int64(0)),
		InitialCapacity:      &controlv1.InitialCapacityList{Entries: []*controlv1.InitialCapacity{initial("executor", 2, 4000, 8, 30, "shuffle_optimized")}},
		RuntimeConfiguration: &controlv1.ConfigurationList{Configurations: property("spark.driver.cores", "1")}})
	if a.GetReleaseLabel() != "emr-7.1.0" || a.GetArchitecture() != "ARM64" || a.GetAutoStart() || a.GetIdleTimeoutMinutes() != 0 || len(a.GetInitialCapacity()) != 1 {
		t.Errorf("replaced: %v", a)
	}
	wantSame(t, "initial capacity", a.GetInitialCapacity()[0], written("executor", initial("EXECUTOR", 2, 4000, 8, 30, "SHUFFLE_OPTIMIZED")))
	wantSame(t, "settings", a.GetRuntimeConfiguration()[0], property("spark.driver.cores", "1")[0])
	a = s.update(&updateRequest{ApplicationId: id, MaximumCapacity: &controlv1.Resources{}, Scheduler: &controlv1.SchedulerConfiguration{}, Monitoring: &controlv1.Monitoring{},
		InitialCapacity: &controlv1.InitialCapacityList{}, RuntimeConfiguration: &controlv1.ConfigurationList{}})
	if !proto.Equal(a.GetMaximumCapacity(), &controlv1.Resources{}) || a.GetScheduler() != nil || a.GetMonitoring() != nil || a.GetInitialCapacity() != nil ||
		a.GetRuntimeConfiguration() != nil || a.GetPools() != nil {
		t.Errorf("removed: %v", a)
	}
	if a.GetTags()["Team"] != "Data" || a.GetName() != "all" {
		t.Errorf("name or tags changed: %v", a)
	}
}

func TestUpdateApplication_NamesWhatIsWrong(t *testing.T) {
	s := serve(t)
	id := s.create(everything)
	for name, c := range badApplications {
		r := &createRequest{ReleaseLabel: "emr-7.2.0"}
		c.change(r)
		change := updateOf(r)
		change.ApplicationId = id
		_, err := s.UpdateApplication(t.Context(), change)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
	large := []*controlv1.InitialCapacity{initial("EXECUTOR", 17, 4000, 8, 20, "")}
	for name, c := range map[string]struct {
		request *updateRequest
		kind    errs.Kind
		field   string
		names   []string
	}{
		"type":            {&updateRequest{InitialCapacity: &controlv1.InitialCapacityList{Entries: []*controlv1.InitialCapacity{initial("TASK", 1, 1000, 2, 20, "")}}}, errs.Invalid, "initial_capacity[0].worker_type", []string{"TASK"}},
		"over the limit":  {&updateRequest{InitialCapacity: &controlv1.InitialCapacityList{Entries: large}}, errs.Invalid, "initial_capacity", []string{"68 vCPU", "64 vCPU"}},
		"unknown release": {&updateRequest{ReleaseLabel: pointer("emr-9.9.9")}, errs.Invalid, "release_label", []string{"emr-9.9.9", "headrace release"}},
		"token":           {&updateRequest{ClientToken: "a/b"}, errs.Invalid, "client_token", []string{"a/b"}},
	} {
		c.request.ApplicationId = id
		_, err := s.UpdateApplication(t.Context(), c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.kind, c.field, c.names...) })
	}
	_, err := s.UpdateApplication(t.Context(), &updateRequest{ApplicationId: "nobody"})
	wantError(t, err, errs.NotFound, "", "nobody")
	started := s.create(nil)
	_, err = s.StartApplication(t.Context(), &controlv1.StartApplicationRequest{ApplicationId: started})
	must(t, err)
	_, err = s.UpdateApplication(t.Context(), &updateRequest{ApplicationId: started, Weight: pointer(int64(2))})
	wantError(t, err, errs.WrongState, "", started, "STARTED", "CREATED or STOPPED")
}

// A repetition changes nothing again, whether the client named it by token or in its metadata.
func TestUpdateApplication_IsRepeatedWithoutHarm(t *testing.T) {
	s := serve(t)
	id := s.create(nil)
	named := metadata.AppendToOutgoingContext(t.Context(), requestIDKey, "request-1")
	for name, c := range map[string]struct {
		ctx   context.Context
		token string
	}{"token": {t.Context(), "token-1"}, "metadata": {named, ""}} {
		first := &updateRequest{ApplicationId: id, ClientToken: c.token, Weight: pointer(int64(5))}
		_, err := s.UpdateApplication(c.ctx, first)
		must(t, err)
		s.update(&updateRequest{ApplicationId: id, Weight: pointer(int64(9))})
		again, err := s.UpdateApplication(c.ctx, first)
		if err != nil || again.GetApplication().GetWeight() != 9 {
			t.Errorf("%s: the repetition changed it to %d, %v", name, again.GetApplication().GetWeight(), err)
		}
		_, err = s.UpdateApplication(c.ctx, &updateRequest{ApplicationId: id, ClientToken: c.token, Weight: pointer(int64(6))})
		wantError(t, err, errs.Conflict, "")
	}
}
