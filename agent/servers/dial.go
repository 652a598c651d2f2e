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

	"github.com/headrace/headrace/internal/greeting"
	"github.com/headrace/headrace/internal/ident"
)

// maxMessageBytes bounds what a server may send at once: a complete assignment of a large node.
const maxMessageBytes = 64 << 20

// Connection is a connection to one server, on which every call says which node it is of.
type Connection interface {
	grpc.ClientConnInterface
	// Refused says whether the newest attempt to connect was refused: no server runs on that host.
	Refused() bool
	// Cause returns why the newest connection can never stand; nil: it may.
	Cause() error
	// Close ends the connection, and the calls on it.
	Close() error
}

// Dial prepares a connection; it is made when it is used. The caller closes it.
func (s *Servers) Dial(address string) (Connection, error) {
	if s.config.Dial != nil {
		return s.config.Dial(address, s.config.NodeID)
	}
	secure := s.config.Credentials
	if secure == nil {
		secure = insecure.NewCredentials()
	}
	watch := greeting.New(secure)
	return dial(address, watch, append([]grpc.DialOption{
		grpc.WithTransportCredentials(watch.Credentials(secure)),
		grpc.WithPerRPCCredentials(Caller(s.config.NodeID)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
	}, s.config.DialOptions...))
}

// connection is a Connection that nobody shares.
type connection struct {
	*grpc.ClientConn
	watch   *greeting.Watch
	refused atomic.Bool
}

func dial(address string, watch *greeting.Watch, options []grpc.DialOption) (*connection, error) {
	c := &connection{watch: watch}
	dialer := grpc.WithContextDialer(watch.Dialer(func(ctx context.Context, address string) (net.Conn, error) {
		conn, err := connect(ctx, address)
		c.refused.Store(errors.Is(err, syscall.ECONNREFUSED))
		return conn, err
	}))
	var err error
	c.ClientConn, err = grpc.NewClient("passthrough:///"+address, append([]grpc.DialOption{dialer}, options...)...)
	return c, err
}

// Refused says whether the newest attempt to connect was refused.
func (c *connection) Refused() bool { return c.refused.Load() }

// Cause returns why the newest connection can never stand.
func (c *connection) Cause() error {
	if cause := c.watch.Cause(); cause != nil {
		return cause
	}
	return nil
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

// Caller names a node in every call. With TLS the certificate proves it.
type Caller string

// GetRequestMetadata returns what is sent with a call.
func (c Caller) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{ident.NodeMetadata: string(c)}, nil
}

// RequireTransportSecurity is false: the id is no secret.
func (c Caller) RequireTransportSecurity() bool { return false }
