package control

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/testcluster/solo"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/placement/avoidance"
)

// windowEvents is how many events the server of these tests keeps.
const windowEvents = 64

// service is a server of one with its API, and clients of all services.
type service struct {
	t       *testing.T
	door    *consensus.Consensus
	api     *Control
	address string
	plan    plan
	controlv1.ApplicationServiceClient
	controlv1.JobRunServiceClient
	controlv1.NodeServiceClient
	controlv1.ClusterServiceClient
	controlv1.TagServiceClient
	controlv1.WorkerServiceClient
	controlv1.AccessKeyServiceClient
}

// plan is what a scheduler left waiting: by id of run or application.
type plan map[string]scheduler.Wait

func (p plan) Explain(run string) (scheduler.Wait, bool) {
	w, ok := p[run]
	return w, ok
}
func (p plan) Promise(string) (scheduler.Promise, bool) { return scheduler.Promise{}, false }

func (p plan) ExplainApplication(id string) (scheduler.Wait, bool) { return p.Explain(id) }
func (plan) Refused() uint64                                       { return 0 }
func (plan) Rebuilds() uint64                                      { return 0 }

// alone is what a server that is the only one says of the others.
type alone struct{ address string }

func (alone) Leader() (grpc.ClientConnInterface, error) {
	return nil, errs.New(errs.Unavailable, "nobody else is there")
}
func (alone) List(context.Context) []*controlv1.Server   { return nil }
func (alone) Remove(context.Context, string, bool) error { return nil }
func (alone) ID() string                                 { return "server-1" }
func (a alone) LeaderAddress() string                    { return a.address }
func (a alone) Addresses() []string                      { return []string{a.address} }
func (a alone) Listeners() []string                      { return nil }
func (a alone) Address() string                          { return a.address }

// serve serves the API of a server that keeps few events. It ends with the test.
func serve(t *testing.T) *service {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &service{
		t:       t,
		door:    solo.Door(t, func(c *consensus.Config) { c.WindowEvents = windowEvents }),
		address: listener.Addr().String(),
		plan:    plan{},
	}
	members, log := alone{s.address}, slog.New(slog.DiscardHandler)
	agents := dispatch.New(
		dispatch.Config{
			Door:    s.door,
			Window:  s.door.Window(),
			Demands: demand.NewStore(),
			Avoided: avoidance.NewStore(),
			Members: members,
			Lease:   solo.Patience,
			Margin:  solo.Patience,
			Log:     log,
		},
	)
	seal, err := accesskey.NewSeal(make([]byte, 32))
	must(t, err)
	s.api = New(
		Config{
			Door:      s.door,
			Window:    s.door.Window(),
			Members:   members,
			Placement: s.plan,
			Dispatch:  agents,
			Limits:    command.DefaultLimits(),
			Seal:      seal,
			Log:       log,
		},
	)
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(identifyUnary, s.api.Forward),
		grpc.ChainStreamInterceptor(identifyStream, s.api.ForwardStream),
	)
	s.api.Register(server)
	agentv1.RegisterAgentServiceServer(server, agents)
	ctx, cancel := context.WithCancel(context.Background())
	ended, led := make(chan error, 1), make(chan struct{})
	go func() { ended <- server.Serve(listener) }()
	go func() { defer close(led); agents.Run(ctx, s.door.Term()) }()
	conn := s.dial()
	s.ApplicationServiceClient, s.JobRunServiceClient = controlv1.NewApplicationServiceClient(
		conn,
	), controlv1.NewJobRunServiceClient(
		conn,
	)
	s.NodeServiceClient, s.ClusterServiceClient = controlv1.NewNodeServiceClient(
		conn,
	), controlv1.NewClusterServiceClient(
		conn,
	)
	s.AccessKeyServiceClient = controlv1.NewAccessKeyServiceClient(conn)
	s.TagServiceClient, s.WorkerServiceClient = controlv1.NewTagServiceClient(
		conn,
	), controlv1.NewWorkerServiceClient(
		conn,
	)
	t.Cleanup(func() {
		server.Stop()
		cancel()
		if err := <-ended; !errors.Is(err, grpc.ErrServerStopped) { // which it says when it had not begun yet
			must(t, err)
		}
		<-led
	})
	return s
}

// userKey is the metadata by which these tests say who calls; nobody says so: the cluster's own user.
const userKey = "test-user"

// as returns the context of a call that a user makes, who is no operator.
func as(ctx context.Context, user string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, userKey, user)
}

func identify(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	if user := md.Get(userKey); len(user) > 0 {
		return caller.With(ctx, caller.Caller{User: user[0]})
	}
	return caller.With(ctx, caller.Local())
}

func identifyUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	return handle(identify(ctx), req)
}

// identified is a stream with who opened it.
type identified struct {
	grpc.ServerStream
	ctx context.Context
}

func (s identified) Context() context.Context { return s.ctx }

func identifyStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return handle(srv, identified{stream, identify(stream.Context())})
}

// dial connects to the server; the connection ends with the test, before the server does.
func (s *service) dial() *grpc.ClientConn {
	s.t.Helper()
	conn, err := grpc.NewClient(s.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// do has decisions made at the door.
func (s *service) do(decide ...consensus.Decision) {
	s.t.Helper()
	for _, d := range decide {
		_, err := s.door.Execute(s.t.Context(), d)
		must(s.t, err)
	}
}

// node registers a node that offers 32 vCPU.
func (s *service) node(name, zone string) string {
	s.t.Helper()
	id := strings.Repeat("0", 26-len(name)) + name
	s.do((&command.RegisterNode{Node: state.Node{
		ID: id, Name: name, Zone: zone, Host: name, Architecture: "X86_64",
		Capacity: resource.Vector{MilliCPU: 32_000, MemoryMiB: 128 << 10, DiskMiB: 2000 << 10},
	}}).Decide)
	return id
}

// create makes an application; a nil change leaves a PROCESS one.
func (s *service) create(change func(*specv1.Application)) string {
	s.t.Helper()
	a := specv1.Application_builder{Engine: specv1.Engine_ENGINE_PROCESS.Enum()}.Build()
	if change != nil {
		change(a)
	}
	answer, err := s.CreateApplication(s.t.Context(), &controlv1.CreateApplicationRequest{Spec: a})
	must(s.t, err)
	return answer.GetApplication().GetApplicationId()
}

// submit submits a PROCESS run of a driver alone.
func (s *service) submit(application string, change func(*controlv1.StartJobRunRequest)) string {
	s.t.Helper()
	r := processRun(application)
	if change != nil {
		change(r)
	}
	answer, err := s.StartJobRun(s.t.Context(), r)
	must(s.t, err)
	return answer.GetJobRun().GetJobRunId()
}

// run brings the newest attempt of a run of a driver alone to RUNNING on a node.
func (s *service) run(id, node string) *state.Worker {
	s.t.Helper()
	run := s.door.View().JobRun(id)
	s.do((&command.Place{JobRunID: id, Attempt: run.Attempt, Zone: s.door.View().Node(node).Zone, Driver: node}).Decide)
	driver := s.door.View().Driver(id, run.Attempt)
	s.do(
		(&command.ReportWorkers{
			Node:     node,
			Statuses: []command.WorkerStatus{{WorkerID: driver.ID, Epoch: driver.Epoch, Running: true}},
		}).Decide,
	)
	return driver
}

// end ends a worker.
func (s *service) end(w *state.Worker, code int32) {
	s.t.Helper()
	s.do((&command.ReportWorkers{Node: w.Node, Statuses: []command.WorkerStatus{{
		WorkerID: w.ID, Epoch: w.Epoch,
		Exit: &state.Exit{Reason: state.ExitExited, Code: code},
	}}}).Decide)
}

func processRun(application string) *controlv1.StartJobRunRequest {
	return requestOf(
		application,
		specv1.JobDriver_builder{Process: specv1.Process_builder{Command: []string{"work"}}.Build()},
	)
}

func sparkRun(application, parameters string) *controlv1.StartJobRunRequest {
	submit := specv1.SparkSubmit_builder{EntryPoint: new("s3://b/job.py")}
	if parameters != "" {
		submit.SparkSubmitParameters = new(parameters)
	}
	return requestOf(application, specv1.JobDriver_builder{SparkSubmit: submit.Build()})
}

func requestOf(application string, driver specv1.JobDriver_builder) *controlv1.StartJobRunRequest {
	spec := specv1.JobRun_builder{Driver: driver.Build()}.Build()
	return &controlv1.StartJobRunRequest{ApplicationId: application, Spec: spec}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError holds that an error has a kind and a field, and that its message names everything that it is to name.
func wantError(t *testing.T, err error, kind errs.Kind, field string, names ...string) {
	t.Helper()
	known, ok := grpcerr.FromStatus(err).(*errs.Error)
	if !ok || known.Kind != kind || known.Field != field {
		t.Errorf("got %v, want kind %s of field %q", err, kind, field)
		return
	}
	for _, name := range names {
		if !strings.Contains(known.Message, name) {
			t.Errorf("%q does not name %q", known.Message, name)
		}
	}
}

// wantSame holds that two messages are equal.
func wantSame(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
