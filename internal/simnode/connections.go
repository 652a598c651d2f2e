package simnode

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	// nodesPerConnection bounds how many nodes share a connection: servers bound the streams of one, and each node has
	// a session on it and a few calls.
	nodesPerConnection = 128
	// maxMessageBytes bounds what a server may say at once, as agents do.
	maxMessageBytes = 64 << 20
)

// Connections are how nodes reach servers. Many nodes share one, unless each has to prove who it is.
type Connections struct {
	secure func(node string) (grpc.DialOption, error) // nil: plain

	mu     sync.Mutex
	routes []*route // that are shared
	nodes  int      // that have one of them
}

// Plain returns connections that nodes share.
func Plain() *Connections { return &Connections{} }

// Secure returns connections of which each node has its own. credentials returns those of a node; it is asked again
// after a node was cut off.
func Secure(credentials func(node string) (grpc.DialOption, error)) *Connections {
	return &Connections{secure: credentials}
}

// route returns the connections that a node has.
func (c *Connections) route(node string) *route {
	if c.secure != nil {
		return &route{secure: func() (grpc.DialOption, error) { return c.secure(node) }, own: true}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nodes%nodesPerConnection == 0 {
		c.routes = append(c.routes, &route{secure: plain})
	}
	c.nodes++
	return c.routes[len(c.routes)-1]
}

func plain() (grpc.DialOption, error) {
	return grpc.WithTransportCredentials(insecure.NewCredentials()), nil
}

// Close closes the connections that nodes share. No node is left.
func (c *Connections) Close() (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.routes {
		err = errors.Join(err, r.drop())
	}
	return err
}

// route is a connection to each server, which one node has, or several share.
type route struct {
	secure func() (grpc.DialOption, error)
	own    bool // one node's

	mu    sync.Mutex
	conns map[string]*shared // by address
}

// shared is a connection to one server.
type shared struct {
	*grpc.ClientConn
	refused atomic.Bool // the newest attempt to connect
}

// to returns the connection to a server, which is made when it is used.
func (r *route) to(address string) (*shared, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if made := r.conns[address]; made != nil {
		return made, nil
	}
	secure, err := r.secure()
	if err != nil {
		return nil, err
	}
	made, err := connect(address, secure)
	if err != nil {
		return nil, err
	}
	if r.conns == nil {
		r.conns = map[string]*shared{}
	}
	r.conns[address] = made
	return made, nil
}

// renew has the next connections of a node that has its own be made with its newest certificate.
func (r *route) renew() {
	if r.own {
		_ = r.drop()
	}
}

// close closes the connections of a node that has its own.
func (r *route) close() error {
	if !r.own {
		return nil
	}
	return r.drop()
}

func (r *route) drop() (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for address, made := range r.conns {
		err = errors.Join(err, made.Close())
		delete(r.conns, address)
	}
	return err
}

// connect returns a connection that is soon tried again: a server that was started is not to wait for its nodes.
func connect(address string, secure grpc.DialOption) (*shared, error) {
	s := &shared{}
	again := backoff.Config{
		BaseDelay:  20 * time.Millisecond,
		Multiplier: 1.5,
		MaxDelay:   200 * time.Millisecond,
	}
	var err error
	s.ClientConn, err = grpc.NewClient("passthrough:///"+address,
		secure,
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithContextDialer(s.connect),
	)
	return s, err
}

func (s *shared) connect(ctx context.Context, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	s.refused.Store(errors.Is(err, syscall.ECONNREFUSED))
	return conn, err
}
