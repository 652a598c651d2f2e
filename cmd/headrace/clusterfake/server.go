package clusterfake

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Call is a call that arrived.
type Call struct {
	Method    string // such as GetJobRun
	RequestID string
	Request   proto.Message
}

// Server answers calls. Set its functions before Start; the calls of a nil function fail as unknown to the server.
type Server struct {
	controlv1.UnimplementedApplicationServiceServer
	controlv1.UnimplementedJobRunServiceServer
	controlv1.UnimplementedNodeServiceServer
	controlv1.UnimplementedClusterServiceServer
	controlv1.UnimplementedTagServiceServer
	controlv1.UnimplementedWorkerServiceServer
	controlv1.UnimplementedAccessKeyServiceServer
	controlv1.UnimplementedHistoryServiceServer

	// Answer answers every call that is not a stream; an error of package errs keeps its kind.
	Answer func(Call) (proto.Message, error)
	// Watch streams events.
	Watch func(*controlv1.WatchEventsRequest, grpc.ServerStreamingServer[controlv1.WatchEventsResponse]) error
	// Log streams a log.
	Log func(*controlv1.ReadLogRequest, grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error
	// Segment streams a segment of the history.
	Segment func(*controlv1.ReadSegmentRequest, grpc.ServerStreamingServer[controlv1.ReadSegmentResponse]) error
	// Add receives a release.
	Add func(grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error
	// Upload receives a file.
	Upload func(grpc.ClientStreamingServer[controlv1.UploadFileRequest, controlv1.UploadFileResponse]) error

	mu    sync.Mutex
	calls []Call
}

// Start serves on loopback until the test ends, and returns the address.
func (s *Server) Start(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(s.unary))
	controlv1.RegisterApplicationServiceServer(server, s)
	controlv1.RegisterJobRunServiceServer(server, s)
	controlv1.RegisterNodeServiceServer(server, s)
	controlv1.RegisterClusterServiceServer(server, s)
	controlv1.RegisterTagServiceServer(server, s)
	controlv1.RegisterWorkerServiceServer(server, s)
	controlv1.RegisterAccessKeyServiceServer(server, s)
	controlv1.RegisterHistoryServiceServer(server, s)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return listener.Addr().String()
}

func (s *Server) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler,
) (any, error) {
	if s.Answer == nil {
		return handle(ctx, request)
	}
	md, _ := metadata.FromIncomingContext(ctx)
	call := Call{
		Method:    info.FullMethod[strings.LastIndexByte(info.FullMethod, '/')+1:],
		RequestID: strings.Join(md.Get("headrace-request-id"), ","),
		Request:   request.(proto.Message),
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	answer, err := s.Answer(call)
	return answer, grpcerr.ToStatus(err)
}

// Calls returns the calls that arrived, without streams.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// WatchEvents streams what Watch says.
func (s *Server) WatchEvents(r *controlv1.WatchEventsRequest,
	stream grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
) error {
	if s.Watch == nil {
		return s.UnimplementedClusterServiceServer.WatchEvents(r, stream)
	}
	return grpcerr.ToStatus(s.Watch(r, stream))
}

// ReadLog streams what Log says.
func (s *Server) ReadLog(r *controlv1.ReadLogRequest,
	stream grpc.ServerStreamingServer[controlv1.ReadLogResponse],
) error {
	if s.Log == nil {
		return s.UnimplementedJobRunServiceServer.ReadLog(r, stream)
	}
	return grpcerr.ToStatus(s.Log(r, stream))
}

// ReadSegment streams what Segment says.
func (s *Server) ReadSegment(r *controlv1.ReadSegmentRequest,
	stream grpc.ServerStreamingServer[controlv1.ReadSegmentResponse],
) error {
	if s.Segment == nil {
		return s.UnimplementedHistoryServiceServer.ReadSegment(r, stream)
	}
	return grpcerr.ToStatus(s.Segment(r, stream))
}

// AddRelease receives what Add wants.
func (s *Server) AddRelease(
	stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse],
) error {
	if s.Add == nil {
		return s.UnimplementedClusterServiceServer.AddRelease(stream)
	}
	return grpcerr.ToStatus(s.Add(stream))
}

// UploadFile receives what Upload wants.
func (s *Server) UploadFile(
	stream grpc.ClientStreamingServer[controlv1.UploadFileRequest, controlv1.UploadFileResponse],
) error {
	if s.Upload == nil {
		return s.UnimplementedJobRunServiceServer.UploadFile(stream)
	}
	return grpcerr.ToStatus(s.Upload(stream))
}
