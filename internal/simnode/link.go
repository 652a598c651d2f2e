package simnode

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/agent/servers"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// link is a node's way to the servers. Its methods may be called by many goroutines.
type link struct {
	node  string // its name
	route *route

	mu     sync.Mutex
	whole  context.Context // ends when the link is cut
	sever  context.CancelFunc
	fenced []string
}

// newLink returns a link that is whole.
func newLink(node string, connections *Connections) *link {
	l := &link{node: node, route: connections.route(node)}
	l.whole, l.sever = context.WithCancel(context.Background())
	return l
}

// cut ends all calls, and has all later ones fail. A server that is not reached is no server that refuses: nothing is
// proven by it.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sever()
	l.route.renew()
}

// heal ends cut.
func (l *link) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.whole.Err() != nil {
		l.whole, l.sever = context.WithCancel(context.Background())
	}
}

// close ends the link. Nobody uses it any more.
func (l *link) close() error { return l.route.close() }

// dial connects the node to a server. See servers.Config.Dial.
func (l *link) dial(address, nodeID string) (servers.Connection, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	under, err := l.route.to(address)
	if err != nil {
		return nil, err
	}
	open, closed := context.WithCancel(l.whole)
	return &connection{
		link:   l,
		under:  under,
		open:   open,
		closed: closed,
		caller: grpc.PerRPCCredentials(servers.Caller(nodeID)),
	}, nil
}

// fence notes workers that the cluster did not know.
func (l *link) fence(workers []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fenced = append(l.fenced, workers...)
}

func (l *link) allFenced() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.fenced)
}

// connection is one node's use of a connection that it may share with others.
type connection struct {
	link   *link
	under  *shared
	open   context.Context // ends when the connection is closed or the link is cut
	closed context.CancelFunc
	caller grpc.CallOption
}

// Refused says whether no server runs there, as far as the node can see.
func (c *connection) Refused() bool { return c.open.Err() == nil && c.under.refused.Load() }

// Cause is nil: nothing keeps the node and its servers apart for good.
func (c *connection) Cause() error { return nil }

// Close ends the node's calls on the connection.
func (c *connection) Close() error {
	c.closed()
	return nil
}

// Invoke makes a call that has one answer.
func (c *connection) Invoke(ctx context.Context, method string, args, reply any, options ...grpc.CallOption) error {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return c.under.Invoke(ctx, method, args, reply, append(options, c.caller)...)
}

// NewStream opens a stream.
func (c *connection) NewStream(
	ctx context.Context, description *grpc.StreamDesc, method string, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := c.under.NewStream(ctx, description, method, append(options, c.caller)...)
	if err != nil {
		leave()
		return nil, err
	}
	context.AfterFunc(opened.Context(), leave)
	return &stream{ClientStream: opened, link: c.link}, nil
}

// enter returns a context that also ends with the connection. The caller leaves when its call is over.
func (c *connection) enter(ctx context.Context) (joined context.Context, leave func(), err error) {
	if c.open.Err() != nil {
		return nil, nil, status.Error(codes.Unavailable, "the node is cut off")
	}
	joined, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(c.open, cancel)
	return joined, func() { detach(); cancel() }, nil
}

// stream sees what a server says.
type stream struct {
	grpc.ClientStream
	link *link
}

// RecvMsg receives a message.
func (s *stream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if said, is := m.(*agentv1.SessionResponse); is && err == nil {
		s.link.fence(said.GetFence().GetWorkerIds())
	}
	return err
}
