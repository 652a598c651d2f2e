package testcluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// Server is one server of a Cluster.
type Server struct {
	cluster *Cluster
	config  server.Config
	conn    *grpc.ClientConn // for as long as the cluster
	serving *server.Server   // since Start; nil if it runs elsewhere
	running atomic.Bool
	stop    func() error // returns when it has ended
}

// Start starts it, on the data that it has.
func (s *Server) Start() {
	s.cluster.t.Helper()
	start := s.cluster.run
	if start == nil {
		start = s.startHere
	}
	stop, err := start(s.config)
	must(s.cluster.t, err)
	s.stop = stop
	s.running.Store(true)
}

// startHere starts it in this process.
func (s *Server) startHere(config server.Config) (stop func() error, err error) {
	if s.serving, err = server.New(config); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serving.Run(ctx) }()
	return func() error { cancel(); return <-ended }, nil
}

// Stop stops it, if it runs.
func (s *Server) Stop() {
	if !s.running.Swap(false) {
		return
	}
	if err := s.stop(); err != nil {
		s.cluster.t.Errorf("%s: %v", s.config.ServerID, err)
	}
}

// Wipe empties its data directory; it is stopped.
func (s *Server) Wipe() {
	s.cluster.t.Helper()
	must(s.cluster.t, os.RemoveAll(s.config.DataDir))
}

// Status returns what it says of the cluster; nil when it does not answer.
func (s *Server) Status() *controlv1.GetClusterStatusResponse { return s.status() }

// Client returns its native API.
func (s *Server) Client() *Client { return newClient(s.conn) }

// Authenticate says who signed a request of the HTTP API.
func (s *Server) Authenticate(r *http.Request, body []byte) (user string, err error) {
	claim, err := s.serving.Authenticator().Claim(r)
	if err != nil {
		return "", err
	}
	return claim.Verify(body)
}

// ID returns its id.
func (s *Server) ID() string { return s.config.ServerID }

// Address returns its gRPC address.
func (s *Server) Address() string { return s.config.GRPCAddress }

// HTTPAddress returns its address for HTTP; empty if it serves none.
func (s *Server) HTTPAddress() string { return s.config.HTTPAddress }

// ReleaseDir returns the directory of its release cache.
func (s *Server) ReleaseDir() string { return s.config.DataDir + "/releases" }

// UploadDir returns where the server keeps files that users uploaded.
func (s *Server) UploadDir() string { return s.config.DataDir + "/uploads" }

// HistoryDir returns where the server keeps segments of the history.
func (s *Server) HistoryDir() string { return s.config.DataDir + "/history" }

// askTimeout bounds how long a server may take to say whether it leads.
const askTimeout = 2 * time.Second

// status returns what it says of the cluster; nil when it does not answer.
func (s *Server) status() *controlv1.GetClusterStatusResponse {
	if !s.running.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	status, err := s.Client().GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
	if err != nil {
		return nil
	}
	return status
}

// knows says whether it takes another server for the leader.
func (s *Server) knows(leader *Server) bool {
	for _, row := range s.status().GetServers() {
		if row.GetLeader() && row.GetServerId() == leader.ID() {
			return true
		}
	}
	return false
}

// leads says whether it leads and answers reads that only a leader can.
func (s *Server) leads() bool {
	if !s.knows(s) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	_, err := s.Client().ListNodes(ctx, &controlv1.ListNodesRequest{})
	return err == nil
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// freePorts finds ports that are free for TCP and UDP. They lie below those that connections are given, so that none is
// taken while its server is stopped.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	const first, last = 20_000, 32_000
	for at := first + rand.IntN(last-first); len(ports) < n && at < last+n*100; at++ {
		if free(at) {
			ports = append(ports, at)
		}
	}
	if len(ports) < n {
		t.Fatalf("cannot find %d free ports", n)
	}
	return ports
}

func free(port int) bool {
	tcp, err := net.Listen("tcp", local(port))
	if err != nil {
		return false
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", local(port))
	if err != nil {
		return false
	}
	return udp.Close() == nil
}
