package agent

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/ident"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// testServer is a small real server: it leads, grants leases, takes reports and sends what tests say.
type testServer struct {
	agentv1.UnimplementedAgentServiceServer
	address string

	registers chan *agentv1.Register
	reports   chan *agentv1.Report
	demands   chan *agentv1.Demand
	renews    chan *agentv1.Renew
	data      chan agentv1.AgentService_DataServer

	mu           sync.Mutex
	leader       string // whom it names; empty: nobody
	peers        []string
	term         uint64
	leaseMillis  int64
	silent       bool // it renews nothing
	acknowledges bool
	refuses      bool // it refuses sessions
	archive      []byte
	callers      []string      // who fetched it last, as they said
	enough       chan struct{} // closed when Data streams are to end
	session      *testSession  // the newest
}

// testSession is a session of it.
type testSession struct {
	mu     sync.Mutex
	stream agentv1.AgentService_SessionServer
	cut    context.CancelFunc
}

func (s *testSession) send(r *agentv1.SessionResponse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream.Send(r)
}

// serve starts a server on loopback that ends with the test. stop ends it before.
func serve(t *testing.T) (s *testServer, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, listener)
}

// serveOn starts a server on a listener.
func serveOn(t *testing.T, listener net.Listener) (s *testServer, stop func()) {
	t.Helper()
	s = &testServer{
		address: listener.Addr().String(), leader: listener.Addr().String(), peers: []string{listener.Addr().String()},
		term: 1, leaseMillis: 3000, acknowledges: true,
		registers: make(chan *agentv1.Register, 1000), reports: make(chan *agentv1.Report, 1000),
		demands: make(chan *agentv1.Demand, 1000), renews: make(chan *agentv1.Renew, 1000),
		data: make(chan agentv1.AgentService_DataServer), enough: make(chan struct{}),
	}
	server := grpc.NewServer()
	agentv1.RegisterAgentServiceServer(server, s)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	stop = func() {
		server.Stop()
		serving.Wait()
	}
	t.Cleanup(stop)
	return s, stop
}

// set changes the server's behaviour.
func (s *testServer) set(change func(*testServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *testServer) GetLeader(context.Context, *agentv1.GetLeaderRequest) (*agentv1.GetLeaderResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &agentv1.GetLeaderResponse{LeaderAddress: s.leader, Term: s.term, ServerAddresses: s.peers}, nil
}

func (s *testServer) Session(stream agentv1.AgentService_SessionServer) error {
	ctx, cut := context.WithCancel(stream.Context())
	defer cut()
	session := &testSession{stream: stream, cut: cut}
	ended := make(chan error, 1)
	go func() { ended <- s.receive(session) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return status.Error(codes.Unavailable, "the session was cut")
	}
}

func (s *testServer) receive(session *testSession) error {
	for {
		request, err := session.stream.Recv()
		if err != nil {
			return err
		}
		if err := s.take(session, request); err != nil {
			return err
		}
	}
}

func (s *testServer) take(session *testSession, request *agentv1.SessionRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch message := request.GetMessage().(type) {
	case *agentv1.SessionRequest_Register:
		if s.refuses {
			return status.Error(codes.FailedPrecondition, "not the leader")
		}
		s.session = session
		registered := &agentv1.Registered{
			Term: s.term, LeaseMilliseconds: s.leaseMillis, ServerAddresses: s.peers,
		}
		err := session.send(&agentv1.SessionResponse{
			Message: &agentv1.SessionResponse_Registered{Registered: registered},
		})
		s.registers <- message.Register
		return err
	case *agentv1.SessionRequest_Renew:
		s.renews <- message.Renew
		if s.silent {
			return nil
		}
		lease := max(s.leaseMillis, message.Renew.GetWantedMilliseconds())
		return session.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Renewed{
			Renewed: &agentv1.Renewed{Number: message.Renew.GetNumber(), LeaseMilliseconds: lease},
		}})
	case *agentv1.SessionRequest_Report:
		s.reports <- message.Report
		if s.acknowledges {
			return session.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_ReportAcknowledged{
				ReportAcknowledged: &agentv1.ReportAcknowledged{Number: message.Report.GetNumber()},
			}})
		}
	case *agentv1.SessionRequest_Demand:
		s.demands <- message.Demand
	}
	return nil
}

func (s *testServer) Data(stream agentv1.AgentService_DataServer) error {
	select {
	case s.data <- stream:
	case <-stream.Context().Done():
		return nil
	}
	s.mu.Lock()
	enough := s.enough
	s.mu.Unlock()
	select {
	case <-stream.Context().Done():
	case <-enough:
	}
	return nil
}

// endData ends all Data streams that are open.
func (s *testServer) endData() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.enough)
	s.enough = make(chan struct{})
}

func (s *testServer) FetchRelease(
	r *agentv1.FetchReleaseRequest,
	stream agentv1.AgentService_FetchReleaseServer,
) error {
	said, _ := metadata.FromIncomingContext(stream.Context())
	s.mu.Lock()
	content := s.archive
	s.callers = said.Get(ident.NodeMetadata)
	s.mu.Unlock()
	if content == nil {
		return status.Error(codes.NotFound, "no such archive")
	}
	for _, b := range content[r.GetOffset():] {
		if err := stream.Send(&agentv1.FetchReleaseResponse{Chunk: []byte{b}}); err != nil {
			return err
		}
	}
	return nil
}

// assign sends an assignment on the newest session.
func (s *testServer) assign(t *testing.T, a *agentv1.Assignment) {
	t.Helper()
	s.sendNow(t, &agentv1.SessionResponse{Message: &agentv1.SessionResponse_Assignment{Assignment: a}})
}

func (s *testServer) sendNow(t *testing.T, r *agentv1.SessionResponse) {
	t.Helper()
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if err := session.send(r); err != nil {
		t.Fatal(err)
	}
}

// cut breaks the newest session.
func (s *testServer) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session.cut()
}
