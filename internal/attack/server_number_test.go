package attack

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	_ "github.com/headrace/headrace/proto/headrace/peer/v1" // whose services are called, too
)

// extremes are numbers that nobody sends by mistake only, by the kind of a field.
func extremes(kind protoreflect.Kind) (all []protoreflect.Value) {
	switch kind {
	case protoreflect.Int64Kind:
		for _, n := range []int64{math.MinInt64, -1, math.MaxInt64, math.MaxInt64 - 1<<20, 1 << 53} {
			all = append(all, protoreflect.ValueOfInt64(n))
		}
	case protoreflect.Int32Kind:
		for _, n := range []int32{math.MinInt32, -1, math.MaxInt32} {
			all = append(all, protoreflect.ValueOfInt32(n))
		}
	case protoreflect.Uint32Kind:
		all = append(all, protoreflect.ValueOfUint32(math.MaxUint32), protoreflect.ValueOfUint32(1<<31))
	case protoreflect.Uint64Kind:
		all = append(all, protoreflect.ValueOfUint64(math.MaxUint64), protoreflect.ValueOfUint64(1<<63))
	case protoreflect.EnumKind:
		all = append(all, protoreflect.ValueOfEnum(-1), protoreflect.ValueOfEnum(math.MaxInt32))
	}
	return all
}

// deepest bounds how deep messages are followed: configurations hold configurations.
const deepest = 6

// wild yields copies of a message, each with one number of it, however deep, that is extreme. Messages, lists and maps
// on the way that are not there are made.
func wild(m proto.Message, use func(field string, changed proto.Message)) {
	type lookup func(root protoreflect.Message) protoreflect.Message
	var walk func(path string, at lookup, of protoreflect.MessageDescriptor, depth int)
	walk = func(path string, at lookup, of protoreflect.MessageDescriptor, depth int) {
		for i := range of.Fields().Len() {
			field := of.Fields().Get(i)
			name := path + "." + string(field.Name())
			for _, value := range extremes(field.Kind()) {
				changed := proto.Clone(m)
				if target := at(changed.ProtoReflect()); field.IsList() {
					target.Mutable(field).List().Append(value)
				} else if !field.IsMap() {
					target.Set(field, value)
				}
				use(fmt.Sprintf("%s=%v", name, value), changed)
			}
			if below := messageBelow(field); below != nil && depth < deepest {
				walk(name, func(root protoreflect.Message) protoreflect.Message { return made(at(root), field) }, below, depth+1)
			}
		}
	}
	walk("", func(root protoreflect.Message) protoreflect.Message { return root }, m.ProtoReflect().Descriptor(), 0)
}

// messageBelow returns what a field, the elements of a list or the values of a map are; nil: no messages.
func messageBelow(field protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if field.IsMap() {
		field = field.MapValue()
	}
	return field.Message()
}

// made returns the message of a field, of a list's last element or of a map's entry, which is made if it is not there.
// Keys of maps with messages are types of workers, or of their logs.
func made(parent protoreflect.Message, field protoreflect.FieldDescriptor) protoreflect.Message {
	switch {
	case field.IsMap():
		return parent.Mutable(field).Map().Mutable(protoreflect.ValueOfString("Driver").MapKey()).Message()
	case !field.IsList():
		return parent.Mutable(field).Message()
	}
	list := parent.Mutable(field).List()
	if list.Len() == 0 {
		list.AppendMutable()
	}
	return list.Get(list.Len() - 1).Message()
}

// honestRequest is a request that names what there is, so that its numbers are looked at.
func (w *serverWorld) honestRequest(input protoreflect.MessageDescriptor, run, worker string) *dynamicpb.Message {
	m := dynamicpb.NewMessage(input)
	for name, value := range map[protoreflect.Name]string{
		"application_id": w.application,
		"job_run_id":     run,
		"worker_id":      worker,
		"node_id":        "honest",
		"stream":         "stdout",
	} {
		if field := input.Fields().ByName(name); field != nil && field.Kind() == protoreflect.StringKind && !field.IsList() {
			m.Set(field, protoreflect.ValueOfString(value))
		}
	}
	return m
}

// Every number of every request, of users, of agents and of servers, has a range, and what is outside of it is refused:
// no call ends as a panic, which is how the end of a server looks from inside.
func TestServerNumbers_OfEveryRequest(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Servers: 1})
	s := w.cluster.Servers[0]
	run := w.submit(w.application, 1, nil)
	testcluster.Eventually(
		t,
		"the run to succeed",
		func() bool { return w.run(w.application, run).GetState() == "SUCCESS" },
	)
	workers, err := w.client().ListWorkers(testcluster.Within(t), &controlv1.ListWorkersRequest{
		ApplicationId: w.application,
		JobRunId:      run,
	})
	w.must(err)
	node := newID()
	conn := w.cluster.DialNode(s, "wild", node)
	t.Cleanup(func() { _ = conn.Close() })
	calls := 0
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			switch service.FullName().Parent() {
			case "headrace.control.v1", "headrace.agent.v1", "headrace.peer.v1":
			default:
				continue
			}
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				if method.Name() == "ForgetNode" {
					continue // which the honest node needs
				}
				wild(
					w.honestRequest(method.Input(), run, workers.GetWorkers()[0].GetWorkerId()),
					func(field string, request proto.Message) {
						calls++
						if err := calledWild(conn, method, request); status.Code(err) == codes.Internal {
							t.Errorf("%s%s: %v", method.Name(), field, err)
						}
					},
				)
			}
		}
		return true
	})
	if calls < 300 {
		t.Errorf("only %d calls were made", calls)
	}
	w.wildSessions(s)
	w.others()
}

// calledWild makes a call; of a stream the first messages count.
func calledWild(conn *grpc.ClientConn, method protoreflect.MethodDescriptor, request proto.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	answer := dynamicpb.NewMessage(method.Output())
	if !method.IsStreamingClient() && !method.IsStreamingServer() {
		return conn.Invoke(ctx, name, request, answer)
	}
	ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond) // a watch has no end
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, name)
	if err == nil {
		err = stream.SendMsg(request)
	}
	if err == nil {
		_ = stream.CloseSend()
		err = stream.RecvMsg(answer)
	}
	return err
}

// wildSessions says every message of a session with every extreme number, each on a session of its own that begins
// well.
func (w *serverWorld) wildSessions(s *testcluster.Server) {
	w.t.Helper()
	worker := &agentv1.WorkerStatus{WorkerId: newID(), Phase: agentv1.Phase_PHASE_ENDED}
	part := &agentv1.InventoryPart{Workers: []*agentv1.WorkerStatus{worker}}
	for _, m := range []*agentv1.SessionRequest{
		{Message: &agentv1.SessionRequest_Renew{Renew: &agentv1.Renew{}}},
		{Message: &agentv1.SessionRequest_Report{Report: &agentv1.Report{
			Number:  1,
			Workers: []*agentv1.WorkerStatus{worker},
		}}},
		{Message: &agentv1.SessionRequest_Demand{Demand: &agentv1.Demand{JobRunId: "r", Attempt: 1}}},
		{Message: &agentv1.SessionRequest_InventoryPart{InventoryPart: part}},
	} {
		message := m.ProtoReflect().WhichOneof(m.ProtoReflect().Descriptor().Oneofs().Get(0))
		wild(m.ProtoReflect().Get(message).Message().Interface(), func(_ string, changed proto.Message) {
			said := proto.CloneOf(m)
			said.ProtoReflect().Set(message, protoreflect.ValueOfMessage(changed.ProtoReflect()))
			w.says(s, offer(newID(), "wild"), said)
		})
	}
	wild(offer(newID(), "wild"), func(_ string, changed proto.Message) { w.says(s, changed.(*agentv1.Register), nil) })
}

// heard waits until a message has come to the door, if it is one that does, or has ended its session.
func heard(stream agentv1.AgentService_SessionClient, m *agentv1.SessionRequest) error {
	for m.GetReport() != nil || m.GetInventoryPart() != nil {
		answer, err := stream.Recv()
		if err != nil || answer.GetReportAcknowledged() != nil ||
			m.GetInventoryPart() != nil && answer.GetAssignment() != nil {
			return err
		}
	}
	return nil
}

// says opens a session, says one thing more, and leaves.
func (w *serverWorld) says(s *testcluster.Server, r *agentv1.Register, m *agentv1.SessionRequest) {
	w.t.Helper()
	if !ident.Valid(r.GetNodeId()) {
		w.t.Fatal("no id")
	}
	r.Name = "wild-" + r.GetNodeId()[:8]
	conn := w.cluster.DialNode(s, r.GetName(), r.GetNodeId())
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stream, err := agentv1.NewAgentServiceClient(conn).Session(ctx)
	w.must(err)
	r.InventoryGoesOn = m.GetInventoryPart() != nil
	_ = stream.Send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Register{Register: r}})
	if m != nil {
		_ = stream.Send(m)
		err = heard(stream, m)
	}
	_ = stream.CloseSend()
	for err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) == codes.Internal {
		w.t.Errorf("%v, %v: %v", r, m, err)
	}
}
