package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// UserInterfaces is an Engine whose drivers show people what they do, on pages of their own.
type UserInterfaces interface {
	// UserInterface returns the port of this machine's loopback at which a driver says that its pages are. Its error is Unavailable when
	// there are none yet, or none any more, and WrongState when there will be none.
	UserInterface(workerID string) (port int, err error)
	// History makes what a process needs in its home to show the event log in a folder, which it only reads, at a port of this machine's
	// loopback, and returns its command.
	History(ctx context.Context, shown *agentv1.History, home *runtime.Home, events string, port int) (runtime.Command, error)
}

// uiBytes is the largest part of a page.
const uiBytes = 64 << 10

// openUI connects a server with the pages of a driver, or of the history of one, until either side has enough.
func (d *dataLine) openUI(stream dataStream, wanted *agentv1.OpenUI) error {
	conn, leave, err := d.dialUI(stream.Context(), wanted)
	if err != nil {
		opened := &agentv1.UIOpened{Error: err.Error(), Again: errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Overloaded)}
		return errors.Join(sendOpened(stream, opened), stream.CloseSend())
	}
	defer leave()
	if err := sendOpened(stream, &agentv1.UIOpened{}); err != nil {
		return errors.Join(err, conn.Close())
	}
	received := make(chan struct{})
	d.wg.Go(func() {
		defer close(received)
		defer func() { _ = conn.Close() }() // ends sendPages
		receivePages(stream, conn)
	})
	err = errors.Join(sendPages(stream, conn), stream.CloseSend())
	<-received
	return err
}

// dialUI connects to the pages. Who is done calls leave.
func (d *dataLine) dialUI(ctx context.Context, wanted *agentv1.OpenUI) (conn net.Conn, leave func(), err error) {
	engine, shows := d.agent.fleet.engines.Spark.(UserInterfaces)
	if !shows {
		return nil, nil, errs.New(errs.WrongState, "this node shows no user interfaces: its agent has no engine that does")
	}
	id, port, leave := wanted.GetWorkerId(), 0, func() {}
	if id != "" {
		port, err = engine.UserInterface(id)
	} else {
		id, port, leave, err = d.agent.histories.open(ctx, engine, wanted.GetHistory())
	}
	if err != nil {
		return nil, nil, err
	}
	if conn, err = d.agent.dialWorker(ctx, id, port); err != nil {
		leave()
		return nil, nil, errs.New(errs.Unavailable, "cannot reach the user interface: it is about to begin or to end (%w)", err)
	}
	return conn, leave, nil
}

// dialWorker connects to a port of loopback at which a worker listens, and to nobody else's, whatever the worker says.
func (a *Agent) dialWorker(ctx context.Context, id string, port int) (net.Conn, error) {
	switch own, err := a.runtime.Listens(id, port); {
	case err != nil:
		return nil, err
	case !own:
		return nil, fmt.Errorf("its process does not listen at port %d", port)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", loopbackAt(port))
}

// loopbackAt returns the address of a port of this machine's loopback.
func loopbackAt(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func sendOpened(stream dataStream, opened *agentv1.UIOpened) error {
	return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiOpened{UiOpened: opened}})
}

// receivePages passes on what the server sends, until it sends no more.
func receivePages(stream dataStream, to net.Conn) {
	for {
		message, err := stream.Recv()
		if err != nil {
			return
		}
		if _, err := to.Write(message.GetUiData()); err != nil {
			return
		}
	}
}

// sendPages passes on what the pages send, no faster than the server takes it, until they send no more.
func sendPages(stream dataStream, from net.Conn) error {
	part := make([]byte, uiBytes)
	for {
		n, err := from.Read(part)
		if n > 0 {
			if err := stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiData{UiData: part[:n]}}); err != nil {
				return nil //nolint:nilerr // the server has enough
			}
		}
		if err != nil {
			return nil //nolint:nilerr // the pages have ended, or receivePages has
		}
	}
}
