package servers

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
)

// maxMessageBytes bounds what a server may send at once: a complete assignment of a large node.
const maxMessageBytes = 64 << 20

// Connection is a connection to one server.
type Connection struct {
	*grpc.ClientConn
	refused *atomic.Bool
}

// Refused says whether the newest attempt to connect was refused: no server runs on that host.
func (c Connection) Refused() bool { return c.refused.Load() }

// Dial prepares a connection; it is made when it is used. The caller closes it.
func (s *Servers) Dial(address string) (Connection, error) {
	refused := &atomic.Bool{}
	secure := s.config.Credentials
	if secure == nil {
		secure = insecure.NewCredentials()
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(secure),
		grpc.WithPerRPCCredentials(caller(s.config.NodeID)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := connect(ctx, address)
			refused.Store(errors.Is(err, syscall.ECONNREFUSED))
			return conn, err
		}),
	}, s.config.DialOptions...)
	conn, err := grpc.NewClient("passthrough:///"+address, options...)
	return Connection{ClientConn: conn, refused: refused}, err
}

// Ports that only root may have.
const (
	firstReserved = 600
	lastReserved  = 1023
	reservedTries = 20
)

// connect connects to a server. A worker may have taken all ports that connections are given: then an agent that is
// root uses one that no worker may have, as its workers would be lost without it.
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
