package ui

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// openTime is how long a request waits for a connection. A history server takes longer to begin: then the page asks
// again.
const openTime = 4 * time.Second

// maxNote bounds what a node has people know of pages, in characters.
const maxNote = 1000

// connector connects to pages on nodes.
type connector struct {
	cluster Cluster
	panics  *caught.Panics
	grants  dispatch.Grants
	ctx     context.Context // of all connections
	wg      sync.WaitGroup
}

// dial connects to a target at the first of its nodes that can.
func (c *connector) dial(ctx context.Context, to target) (conn *streamConn, err error) {
	for _, node := range to.nodes {
		conn, err = c.dialNode(ctx, node, to)
		if err == nil || ctx.Err() != nil || !errs.Is(err, errs.Unavailable) && !errs.Is(err, errs.Overloaded) {
			break
		}
	}
	return conn, err
}

// dialed is what came of a try.
type dialed struct {
	conn *streamConn
	err  error
}

// dialNode connects through one node. The stream lives until the connection is closed.
func (c *connector) dialNode(ctx context.Context, node string, to target) (*streamConn, error) {
	life, end := context.WithCancel(c.ctx)
	done := make(chan dialed, 2) // the connection or why there is none, and then how the stream ended
	c.wg.Go(func() {
		defer end()
		err := c.panics.Do("pages of a node", func() error {
			return c.cluster.Data(life, node, func(stream dispatch.DataStream) error {
				conn, err := open(stream, c.granted(node, to.open))
				if err != nil {
					return err
				}
				conn.end = end
				done <- dialed{conn: conn}
				<-life.Done()
				return nil
			})
		}, "node", node)
		done <- dialed{err: err}
	})
	select {
	case d := <-done:
		return d.conn, d.err
	case <-ctx.Done():
		end()
		if to.live() {
			return nil, errs.New(errs.Unavailable, "the driver's node does not answer")
		}
		return nil, errs.New(errs.Unavailable, "a history server is being started")
	}
}

// granted lets the node that is asked read the event log that it is to show, if the servers keep it.
func (c *connector) granted(node string, wanted *agentv1.OpenUI) *agentv1.OpenUI {
	if wanted.GetHistory().GetLogUri() != dispatch.OnServers {
		return wanted
	}
	granted := proto.CloneOf(wanted)
	granted.History.LogGrant = c.grants.Make(node, wanted.GetHistory().GetFolder(), time.Now())
	return granted
}

// open asks for the pages.
func open(stream dispatch.DataStream, wanted *agentv1.OpenUI) (*streamConn, error) {
	if err := stream.Send(&agentv1.DataResponse{Message: &agentv1.DataResponse_OpenUi{OpenUi: wanted}}); err != nil {
		return nil, errs.New(errs.Unavailable, "the node went away (%v)", err)
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "the node went away (%v)", err)
	}
	switch opened := answer.GetUiOpened(); {
	case opened.GetError() == "":
		return newStreamConn(stream, fmt.Sprintf("%.*s", maxNote, opened.GetNote())), nil
	case opened.GetAgain():
		return nil, errs.New(errs.Unavailable, "%.1000s", opened.GetError())
	default:
		return nil, errs.New(errs.WrongState, "%.1000s", opened.GetError())
	}
}
