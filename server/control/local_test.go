package control

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// What one connection writes the other reads, and who wrote it is kept.
func TestLocal_IsTheSameAPI(t *testing.T) {
	s := serve(t)
	local := controlv1.NewApplicationServiceClient(s.api.Local())
	r := &createRequest{Name: "local", ClientToken: "token"}
	sparkApplication(r)
	created, err := local.CreateApplication(WithCaller(t.Context(), "ann"), r)
	must(t, err)
	again, err := s.CreateApplication(t.Context(), r)
	must(t, err)
	if a, b := created.GetApplication(), again.GetApplication(); a.GetApplicationId() != b.GetApplicationId() || b.GetCreatedBy() != "ann" {
		t.Errorf("the same token made %v and %v", a, b)
	}
	_, err = local.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: "none"})
	if !errs.Is(grpcerr.FromStatus(err), errs.NotFound) {
		t.Errorf("an application that is not there answers %v", err)
	}
}

func TestLocal_RefusesWhatItCannotCall(t *testing.T) {
	local := New(Config{}).Local()
	err := local.Invoke(t.Context(), "/headrace.control.v1.ApplicationService/None", &controlv1.GetApplicationRequest{}, &controlv1.GetApplicationResponse{})
	if err == nil {
		t.Error("a method that is not there is called")
	}
	if _, err := local.NewStream(t.Context(), &grpc.StreamDesc{}, "/any"); err == nil {
		t.Error("there is a stream")
	}
}

// Only another server is believed about who asks.
func TestCaller_IsBelievedOnTheHopBetweenServersOnly(t *testing.T) {
	claim := metadata.Pairs(callerKey, "ann")
	hop := metadata.Join(claim, metadata.Pairs(forwardedKey, "server-2"))
	for want, ctx := range map[string]context.Context{
		"local": metadata.NewIncomingContext(t.Context(), claim),
		"ann":   metadata.NewIncomingContext(t.Context(), hop),
		"bob":   WithCaller(metadata.NewIncomingContext(t.Context(), claim), "bob"),
	} {
		if got := caller(ctx); got != want {
			t.Errorf("the caller is %q, want %q", got, want)
		}
	}
}
