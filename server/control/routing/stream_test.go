package routing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/logging"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
)

// sent is a stream of what a client sent.
type sent struct {
	grpc.ServerStream
	ctx      context.Context
	messages []proto.Message
}

func (s *sent) Context() context.Context { return s.ctx }

func (s *sent) RecvMsg(message any) error {
	if len(s.messages) == 0 {
		return errors.New("there are no more messages")
	}
	proto.Merge(message.(proto.Message), s.messages[0])
	s.messages = s.messages[1:]
	return nil
}

const readLog = "/headrace.control.v1.JobRunService/ReadLog"

// failed returns what is logged of a stream that receives all messages and then fails, and what its handler logs.
func failed(t *testing.T, stream *sent) string {
	t.Helper()
	var out bytes.Buffer
	log := logging.New(&out, logging.Text, slog.LevelInfo)
	router := New(Config{Door: cutOff{}, Members: &silent{}, Log: log})
	count := len(stream.messages)
	err := router.ForwardStream(nil, stream, &grpc.StreamServerInfo{FullMethod: readLog},
		func(_ any, stream grpc.ServerStream) error {
			for range count {
				if err := stream.RecvMsg(&controlv1.ReadLogRequest{}); err != nil {
					t.Error(err)
				}
			}
			log.InfoContext(stream.Context(), "handled")
			return errors.New("a bug")
		})
	if got := errs.KindOf(grpcerr.FromStatus(err)); got != errs.Internal {
		t.Errorf("error %v of kind %v", err, got)
	}
	return out.String()
}

// What is logged of a stream says which run it was about, as of any other call.
func TestForwardStream_MessagesNameTheRequestAndTheRun(t *testing.T) {
	const id = "01k0000000000000000000000a"
	const other = "01k0000000000000000000000b"
	ctx := caller.With(t.Context(), caller.Local())
	ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(RequestIDKey, "request-7"))
	requests := []proto.Message{&controlv1.ReadLogRequest{JobRunId: id}, &controlv1.ReadLogRequest{JobRunId: other}}
	text := failed(t, &sent{ctx: ctx, messages: requests})
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "run="+id) || !strings.Contains(line, "request_id=request-7") {
			t.Errorf("logged %q", line)
		}
	}
	if !strings.Contains(text, "msg=handled") || !strings.Contains(text, `msg="call failed"`) {
		t.Errorf("logged %q", text)
	}
}

// What another server refused is refused here with the same kind, and is nothing for the log: a node whose name is
// taken comes again and again.
func TestForwardStream_LogsNoRefusalOfAnotherServer(t *testing.T) {
	var out bytes.Buffer
	router := New(Config{Door: cutOff{}, Members: &silent{}, Log: logging.New(&out, logging.Text, slog.LevelInfo)})
	err := router.ForwardStream(nil, &sent{ctx: caller.With(t.Context(), caller.Local())},
		&grpc.StreamServerInfo{FullMethod: readLog},
		func(any, grpc.ServerStream) error {
			return grpcerr.ToStatus(errs.New(errs.Conflict, "the name is taken"))
		})
	if got := errs.KindOf(grpcerr.FromStatus(err)); got != errs.Conflict || out.Len() > 0 {
		t.Errorf("error %v of kind %v, logged %q", err, got, out.String())
	}
}

// A text that is no id, however long, does not get into the log.
func TestForwardStream_MessagesHaveOnlyIDs(t *testing.T) {
	long := strings.Repeat("x", 1000)
	ctx := caller.With(t.Context(), caller.Local())
	ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(RequestIDKey, long))
	text := failed(t, &sent{ctx: ctx, messages: []proto.Message{&controlv1.ReadLogRequest{JobRunId: long}}})
	if strings.Contains(text, "run=") || strings.Contains(text, "request_id=") {
		t.Errorf("logged %.300q", text)
	}
}
