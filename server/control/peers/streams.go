package peers

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/inflight"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/control/routing"
	"github.com/headrace/headrace/server/dispatch"
)

// Bounds of the data streams that users read from nodes. A node has 64, for all servers, and for the pages of user
// interfaces, too.
const (
	maxStreams = 4096
	// MaxStreamsEach is how many streams of one node a client may have.
	MaxStreamsEach = 8
)

// lostCheck is how often a stream looks whether its node is lost.
const lostCheck = time.Second

// Streams opens data streams of nodes to this server, whichever server leads.
type Streams struct {
	router   *routing.Router
	dispatch *dispatch.Dispatch
	view     func() *state.View
	taken    *inflight.Limit // by client and node
}

// NewStreams returns Streams. View returns what this server has applied.
func NewStreams(router *routing.Router, d *dispatch.Dispatch, view func() *state.View) *Streams {
	return &Streams{
		router:   router,
		dispatch: d,
		view:     view,
		taken:    inflight.New(maxStreams, MaxStreamsEach),
	}
}

// Reserve counts a stream of a node for a client, until leave is called. It is refused if the client has its share.
func (s *Streams) Reserve(client, node string) (leave func(), err error) {
	if leave = s.taken.Take(client + "\x00" + node); leave != nil {
		return leave, nil
	}
	return nil, errs.New(
		errs.Overloaded,
		"cannot read from node %s now: this server reads %d streams of it for this client, "+
			"or %d of all nodes for all; end one first",
		node,
		MaxStreamsEach,
		maxStreams,
	)
}

// Reserved returns how many streams are counted now.
func (s *Streams) Reserved() int { return s.taken.Taken() }

// Use gives use a data stream of a node until use returns. It ends with ctx.
func (s *Streams) Use(ctx context.Context, node string, use func(dispatch.DataStream) error) error {
	return s.dispatch.WithData(ctx, node, s.ask, use)
}

// UseUntilLost gives use a data stream of a node until use returns. It ends with ctx, and when the node is lost: a
// machine that is cut off does not end its streams.
func (s *Streams) UseUntilLost(ctx context.Context, node string, use func(dispatch.DataStream) error) error {
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.cancelWhenLost(ctx, node, cancel)
	}()
	defer func() {
		cancel()
		<-watched
	}()
	return s.Use(ctx, node, use)
}

func (s *Streams) cancelWhenLost(ctx context.Context, id string, cancel func()) {
	every.Interval(ctx, lostCheck, func(time.Time) {
		if node := s.view().Node(id); node == nil || node.State != state.NodeReady {
			cancel()
		}
	})
}

// ask has the agent of a node open a stream to this server. Only the leader can reach the agent.
func (s *Streams) ask(ctx context.Context, node, ticket, server string) error {
	here := func(context.Context) error { return s.dispatch.Ask(node, ticket, server) }
	there := func(ctx context.Context, leader grpc.ClientConnInterface) error {
		r := &peerv1.OpenDataRequest{NodeId: node, Ticket: ticket, ServerAddress: server}
		_, err := peerv1.NewPeerServiceClient(leader).OpenData(ctx, r)
		return grpcerr.FromStatus(err)
	}
	err := s.router.AtLeader(ctx, here, there)
	if errs.Is(err, errs.Unknown) { // a stream that came of it is refused: nobody waits for its ticket any more
		return errs.New(errs.Unavailable,
			"cannot reach node %s: the leader changed before it answered; try again", node)
	}
	return err
}
