package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/internal/ident"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxMessageBytes bounds what a server may send at once: a complete assignment of a large node.
const maxMessageBytes = 64 << 20

// connection is a connection to one server.
type connection struct {
	*grpc.ClientConn
	refused *atomic.Bool // the newest attempt was refused: no server runs on that host
}

// dial prepares a connection; it is made when it is used.
func (a *Agent) dial(address string) (connection, error) {
	refused := &atomic.Bool{}
	secure := a.config.Credentials
	if secure == nil {
		secure = insecure.NewCredentials()
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(secure),
		grpc.WithPerRPCCredentials(caller(a.NodeID())),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := connect(ctx, address)
			refused.Store(errors.Is(err, syscall.ECONNREFUSED))
			return conn, err
		}),
	}, a.config.DialOptions...)
	conn, err := grpc.NewClient("passthrough:///"+address, options...)
	return connection{ClientConn: conn, refused: refused}, err
}

// Ports that only root may have.
const (
	firstReserved = 600
	lastReserved  = 1023
	reservedTries = 20
)

// connect connects to a server. A worker may have taken all ports that connections are given: then an agent that is root uses one that no
// worker may have, as its workers would be lost without it.
func connect(ctx context.Context, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	for range reservedTries {
		if !errors.Is(err, syscall.EADDRNOTAVAIL) && !errors.Is(err, syscall.EADDRINUSE) || os.Geteuid() != 0 {
			break
		}
		local := &net.TCPAddr{Port: firstReserved + rand.IntN(lastReserved-firstReserved+1)}
		conn, err = (&net.Dialer{LocalAddr: local}).DialContext(ctx, "tcp", address)
	}
	return conn, err
}

// caller names the node in every call. With TLS the certificate proves it.
type caller string

// GetRequestMetadata returns what is sent with a call.
func (c caller) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{ident.NodeMetadata: string(c)}, nil
}

// RequireTransportSecurity is false: the id is no secret.
func (c caller) RequireTransportSecurity() bool { return false }

// said is what a server answered when it was asked for the leader.
type said struct {
	ok       bool // false: it was silent, or said nothing that can be used
	answer   answer
	response *agentv1.GetLeaderResponse
}

// ask asks one server for the leader.
func (a *Agent) ask(ctx context.Context, server string) said {
	conn, err := a.dial(server)
	if err != nil {
		return said{}
	}
	defer func() { _ = conn.Close() }()
	response, err := agentv1.NewAgentServiceClient(conn).GetLeader(ctx, &agentv1.GetLeaderRequest{})
	switch {
	case err != nil && conn.refused.Load():
		return said{ok: true, answer: refused}
	case err != nil:
		return said{}
	case response.GetLeaderAddress() == "":
		return said{ok: true, answer: knowsNoLeader, response: response}
	}
	return said{ok: true, answer: knowsLeader, response: response}
}
