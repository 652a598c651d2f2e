package client

import (
	"context"
	"crypto/rand"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/greeting"
)

// requestIDKey carries the id by which servers know a repeated request.
const requestIDKey = "headrace-request-id"

// direct begins the target of a connection to an address as it stands.
const direct = "passthrough:///"

// Config says which servers to call, and how long to try. Begin with DefaultConfig.
type Config struct {
	// Servers are gRPC addresses, host:port. The client calls the first one first.
	Servers []string
	// Credentials secure the connections; nil: plain.
	Credentials credentials.TransportCredentials
	// RetryFor is how long a call is repeated while no server can answer it.
	RetryFor time.Duration
	// TryFirst is how long one try of a call may take before the next server is asked. When all were asked, it doubles, up
	// to TryMax, which has to be longer than servers themselves try. If there is only one server, a try takes TryMax.
	TryFirst, TryMax time.Duration
	// RetryFirst and RetryMax are the shortest and the longest pause between two tries.
	RetryFirst, RetryMax time.Duration
	// OnLong is called once per call if no server could answer for a while; left is how much longer the client tries.
	// It may be nil.
	OnLong func(err error, left time.Duration)
	// DialOptions are added to every connection.
	DialOptions []grpc.DialOption
}

// DefaultConfig returns a configuration that lacks Servers.
func DefaultConfig() Config {
	return Config{
		RetryFor:   30 * time.Second,
		TryFirst:   3 * time.Second,
		TryMax:     20 * time.Second,
		RetryFirst: 100 * time.Millisecond,
		RetryMax:   2 * time.Second,
	}
}

// Client calls a cluster. Its methods may be called by many goroutines.
type Client struct {
	config  Config
	conns   []*grpc.ClientConn // one for each server; each connects when it is used
	watches []*greeting.Watch  // of each connection

	mu      sync.Mutex
	current int // the server that is asked next
}

// New returns a client; it connects with the first call.
func New(config Config) (*Client, error) {
	if len(config.Servers) == 0 {
		return nil, errs.Field("server",
			"cannot call a cluster without the address of a server, such as 127.0.0.1:7401")
	}
	c := &Client{config: config}
	for _, server := range config.Servers {
		watch := greeting.New(c.credentials())
		conn, err := grpc.NewClient(direct+server, c.dialOptions(watch)...)
		if err != nil {
			_ = c.Close()
			return nil, errs.Field("server", "cannot call %q: %w", server, err)
		}
		c.conns = append(c.conns, conn)
		c.watches = append(c.watches, watch)
	}
	return c, nil
}

// credentials are those of all connections.
func (c *Client) credentials() credentials.TransportCredentials {
	if c.config.Credentials == nil {
		return insecure.NewCredentials()
	}
	return c.config.Credentials
}

func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (c *Client) dialOptions(watch *greeting.Watch) []grpc.DialOption {
	pause := backoff.Config{
		BaseDelay:  c.config.RetryFirst,
		Multiplier: 2,
		Jitter:     0.2,
		MaxDelay:   c.config.RetryMax,
	}
	return append([]grpc.DialOption{
		grpc.WithTransportCredentials(watch.Credentials(c.credentials())),
		grpc.WithContextDialer(watch.Dialer(dialTCP)),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pause, MinConnectTimeout: 5 * time.Second}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}),
	}, c.config.DialOptions...)
}

// Close ends all connections.
func (c *Client) Close() error {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	return nil
}

// words are the names of the settings that commands have.
var words = greeting.Words{
	Servers: "--server (HEADRACE_SERVER)",
	CA:      "--tls-ca-file (HEADRACE_TLS_CA_FILE)",
	Pair:    "--tls-cert-file and --tls-key-file (HEADRACE_TLS_CERT_FILE, HEADRACE_TLS_KEY_FILE)",
}

// hopeless returns an error that no repetition cures, if no connection to any server can ever stand; nil: one may.
func (c *Client) hopeless() error {
	var first *greeting.Cause
	for _, watch := range c.watches {
		cause := watch.Cause()
		if cause == nil {
			return nil
		}
		if first == nil {
			first = cause
		}
	}
	return errs.New(errs.Invalid, "%s", first.In(words))
}

// conn returns the connection that calls use now, and its number.
func (c *Client) conn() (*grpc.ClientConn, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conns[c.current], c.current
}

// leave makes calls use the next server, unless somebody else already left this one.
func (c *Client) leave(number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == number {
		c.current = (number + 1) % len(c.conns)
	}
}

// newRequestID returns an id that nobody else has.
func newRequestID() string { return strings.ToLower(rand.Text()) }
