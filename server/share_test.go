package server

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/inflight"
)

// from is the context of a call that comes over a connection without TLS.
func from(t *testing.T, ip string, port int) context.Context {
	return peer.NewContext(t.Context(), &peer.Peer{Addr: &net.TCPAddr{IP: net.ParseIP(ip), Port: port}})
}

func TestShares_CountEveryCallOfAClient(t *testing.T) {
	for _, method := range []string{
		"/headrace.control.v1.ClusterService/WatchEvents",
		"/grpc.health.v1.Health/Watch",
		"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	} {
		s := shares{inflight.New(2, 1), inflight.New(2, 1)}
		if _, err := s.enter(from(t, "10.0.0.1", 1), method); err != nil {
			t.Fatal(err)
		}
		if _, err := s.enter(from(t, "10.0.0.1", 2), method); !errs.Is(grpcerr.FromStatus(err), errs.Overloaded) {
			t.Errorf("%s beyond a share: %v", method, err)
		}
		if _, err := s.enter(from(t, "10.0.0.2", 1), method); err != nil {
			t.Errorf("%s of another client: %v", method, err)
		}
	}
}

func TestShares_ClientsAndAgentsLeaveEachOtherTheirPlaces(t *testing.T) {
	const session = "/headrace.agent.v1.AgentService/Session"
	s := shares{inflight.New(1, 1), inflight.New(2, 1)}
	for i, call := range []struct {
		method  string
		refused bool
	}{
		{"/grpc.health.v1.Health/Watch", false},
		{"/grpc.health.v1.Health/Watch", true},
		{session, false},
		{session, false},
		{session, true},
		{"/headrace.peer.v1.PeerService/OpenData", false},
	} {
		if _, err := s.enter(from(t, "10.0.0.1", i), call.method); (err != nil) != call.refused {
			t.Errorf("call %d, %s: %v", i, call.method, err)
		}
	}
}
