package control

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/caller"
)

// What one connection writes the other reads, and who wrote it is kept.
func TestLocal_IsTheSameAPI(t *testing.T) {
	s := serve(t)
	local := controlv1.NewApplicationServiceClient(s.api.Local())
	r := &controlv1.CreateApplicationRequest{
		ClientToken: "token",
		Spec:        specv1.Application_builder{Name: new("local")}.Build(),
	}
	sparkApplication(r.GetSpec())
	created, err := local.CreateApplication(caller.With(t.Context(), caller.Caller{User: "ann"}), r)
	must(t, err)
	again, err := s.CreateApplication(as(t.Context(), "ann"), r)
	must(t, err)
	if a, b := created.GetApplication(), again.GetApplication(); a.GetApplicationId() != b.GetApplicationId() ||
		b.GetCreatedBy() != "ann" {
		t.Errorf("the same token made %v and %v", a, b)
	}
	_, err = local.GetApplication(
		caller.With(t.Context(), caller.Local()),
		&controlv1.GetApplicationRequest{ApplicationId: "none"},
	)
	if !errs.Is(grpcerr.FromStatus(err), errs.NotFound) {
		t.Errorf("an application that is not there answers %v", err)
	}
}

func TestLocal_RefusesWhatItCannotCall(t *testing.T) {
	local := New(Config{}).Local()
	err := local.Invoke(
		t.Context(),
		"/headrace.control.v1.ApplicationService/None",
		&controlv1.GetApplicationRequest{},
		&controlv1.GetApplicationResponse{},
	)
	if err == nil {
		t.Error("a method that is not there is called")
	}
	if _, err := local.NewStream(t.Context(), &grpc.StreamDesc{}, "/any"); err == nil {
		t.Error("there is a stream")
	}
}

// Nobody may call, also within the server, and operators' calls are theirs on every way.
func TestLocal_AsksWhoCalls(t *testing.T) {
	s := serve(t)
	local := s.api.Local()
	list := func(ctx context.Context) error {
		_, err := controlv1.NewApplicationServiceClient(local).
			ListApplications(ctx, &controlv1.ListApplicationsRequest{})
		return err
	}
	wantError(t, list(t.Context()), errs.Unauthorized, "", "ListApplications")
	must(t, list(caller.With(t.Context(), caller.Caller{User: "ann"})))
	keys := controlv1.NewAccessKeyServiceClient(local)
	_, err := keys.CreateAccessKey(
		caller.With(t.Context(), caller.Caller{User: "ann"}),
		&controlv1.CreateAccessKeyRequest{User: "root"},
	)
	wantError(t, err, errs.Forbidden, "", "as ann", "--role operator")
	if n := s.door.View().CountAccessKeys(); n != 0 {
		t.Errorf("%d keys were made", n)
	}
}
