package agent

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// crowd is a server for very many agents: it gives each a worker, and counts those that run.
type crowd struct {
	agentv1.UnimplementedAgentServiceServer
	address string
	dial    []grpc.DialOption
	logger  *slog.Logger

	mu      sync.Mutex
	workers map[string]bool // that run
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	listener := bufconn.Listen(64 << 10)
	c := &crowd{address: "crowd", logger: slog.New(slog.DiscardHandler), workers: map[string]bool{}}
	c.dial = []grpc.DialOption{grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	})}
	server := grpc.NewServer()
	agentv1.RegisterAgentServiceServer(server, c)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		server.Stop()
		serving.Wait()
	})
	return c
}

// running returns how many workers run.
func (c *crowd) running() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.workers)
}

func (c *crowd) GetLeader(context.Context, *agentv1.GetLeaderRequest) (*agentv1.GetLeaderResponse, error) {
	return &agentv1.GetLeaderResponse{LeaderAddress: c.address, Term: 1, ServerAddresses: []string{c.address}}, nil
}

func (c *crowd) Session(stream agentv1.AgentService_SessionServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		for _, answer := range c.answers(request) {
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
	}
}

// answers returns what a leader says to that.
func (c *crowd) answers(request *agentv1.SessionRequest) []*agentv1.SessionResponse {
	const lease = 10_000
	switch message := request.GetMessage().(type) {
	case *agentv1.SessionRequest_Register:
		registered := &agentv1.Registered{Term: 1, LeaseMilliseconds: lease, ServerAddresses: []string{c.address}}
		assignment := complete(1, script("worker-"+message.Register.GetName(), ""))
		return []*agentv1.SessionResponse{
			{Message: &agentv1.SessionResponse_Registered{Registered: registered}},
			{Message: &agentv1.SessionResponse_Assignment{Assignment: assignment}},
		}
	case *agentv1.SessionRequest_Renew:
		renewed := &agentv1.Renewed{Number: message.Renew.GetNumber(), LeaseMilliseconds: lease}
		return []*agentv1.SessionResponse{{Message: &agentv1.SessionResponse_Renewed{Renewed: renewed}}}
	case *agentv1.SessionRequest_Report:
		c.take(message.Report)
		taken := &agentv1.SessionResponse_ReportAcknowledged{
			ReportAcknowledged: &agentv1.ReportAcknowledged{Number: message.Report.GetNumber()},
		}
		return []*agentv1.SessionResponse{{Message: taken}}
	}
	return nil
}

// take notes which workers run.
func (c *crowd) take(report *agentv1.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, status := range report.GetWorkers() {
		if status.GetPhase() == agentv1.Phase_PHASE_RUNNING {
			c.workers[status.GetWorkerId()] = true
		}
	}
}
