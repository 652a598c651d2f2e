package server

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/inflight"
)

// serveFirsts serves health with bounds of first messages, and returns what connects to it from an address of this
// machine.
func serveFirsts(t *testing.T, bounds firsts) func(from string) *grpc.ClientConn {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{grpc.NewServer(grpc.StreamInterceptor(bounds.stream)), bounds}
	healthv1.RegisterHealthServer(l, health.NewServer())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(inner) }()
	t.Cleanup(func() {
		l.Stop()
		if err := <-ended; err != nil {
			t.Errorf("serving ends with %v", err)
		}
	})
	return func(from string) *grpc.ClientConn {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := grpc.NewClient(
			inner.Addr().String(),
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(
				func(ctx context.Context, to string) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", to) },
			),
		)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
}

func testFirsts(all, each int, patience time.Duration) firsts {
	return firsts{shares{inflight.New(all, each), inflight.New(all, each)}, time.Millisecond, patience}
}

// silent opens a call that never sends its message.
func silent(t *testing.T, conn *grpc.ClientConn, method string) grpc.ClientStream {
	t.Helper()
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatal("waited too long for ", what)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(time.Millisecond):
		}
	}
}

var methods = map[string]string{
	"a unary call": healthv1.Health_Check_FullMethodName,
	"a stream":     healthv1.Health_Watch_FullMethodName,
}

func TestFirsts_WhoSendsNoMessageTakesOnlyItsShare(t *testing.T) {
	t.Parallel()
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			bounds := testFirsts(3, 2, time.Hour)
			connect := serveFirsts(t, bounds)
			eve := connect("127.0.0.2")
			ann := connect("127.0.0.3")
			silent(t, eve, method)
			silent(t, eve, method)
			await(t, "eve to have her share", func() bool { return bounds.clients.Taken() == 2 })
			_, err := healthv1.NewHealthClient(eve).Check(t.Context(), &healthv1.HealthCheckRequest{})
			if status.Code(err) != codes.ResourceExhausted ||
				!strings.Contains(err.Error(), "2 of this client or 3 of all") {
				t.Errorf("beyond her share: %v", err)
			}
			if _, err := healthv1.NewHealthClient(ann).Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil {
				t.Errorf("another client: %v", err)
			}
			_ = eve.Close()
			await(t, "the places to be free", func() bool { return bounds.clients.Taken() == 0 })
		})
	}
}

func TestFirsts_AMessageThatDoesNotComeEndsItsCall(t *testing.T) {
	t.Parallel()
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			bounds := testFirsts(1, 1, 20*time.Millisecond)
			err := silent(t, serveFirsts(t, bounds)("127.0.0.2"), method).RecvMsg(&healthv1.HealthCheckResponse{})
			if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "20ms") {
				t.Errorf("it ends with %v", err)
			}
			await(t, "its place to be free", func() bool { return bounds.clients.Taken() == 0 })
		})
	}
}

func TestFirsts_AStreamGoesOnOnceItsMessageIsThere(t *testing.T) {
	t.Parallel()
	bounds := testFirsts(1, 1, time.Hour)
	bounds.wait = time.Minute
	conn := serveFirsts(t, bounds)("127.0.0.2")
	for range 20 { // each of which would keep the one place
		stream, err := healthv1.NewHealthClient(conn).Watch(t.Context(), &healthv1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
}
