package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/history"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// pageBytes is the largest part of a page.
const pageBytes = 64 << 10

// openPages connects a server with the pages of a driver, or of the history of one, until either side has enough.
func (l *Line) openPages(stream dataStream, wanted *agentv1.OpenUI) error {
	conn, opened, err := l.dialPages(stream.Context(), wanted)
	if err != nil {
		again := errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Overloaded)
		opened := &agentv1.UIOpened{Error: err.Error(), Again: again}
		return errors.Join(sendOpened(stream, opened), stream.CloseSend())
	}
	defer opened.Leave()
	if err := sendOpened(stream, &agentv1.UIOpened{Note: opened.Note}); err != nil {
		return errors.Join(err, conn.Close())
	}
	received := make(chan struct{})
	go func() {
		defer close(received)
		defer func() { _ = conn.Close() }() // ends sendPages
		receivePages(stream, conn)
	}()
	sendPages(stream, conn)
	err = stream.CloseSend()
	<-received
	return err
}

// dialPages connects to the pages. The caller leaves what was opened when it is done.
func (l *Line) dialPages(ctx context.Context, wanted *agentv1.OpenUI) (net.Conn, history.Opened, error) {
	opened, err := l.showPages(ctx, wanted)
	if err != nil {
		return nil, history.Opened{}, err
	}
	conn, err := l.dialWorker(ctx, opened.ID, opened.Port)
	if err != nil {
		opened.Leave()
		return nil, history.Opened{}, errs.New(errs.Unavailable,
			"cannot reach the user interface: it is about to begin or to end (%w)", err)
	}
	return conn, opened, nil
}

// showPages returns where pages are shown: by their driver, or by a history server, which begins if need be.
func (l *Line) showPages(ctx context.Context, wanted *agentv1.OpenUI) (history.Opened, error) {
	shower, shows := l.config.Engine.(engine.UserInterfaces)
	if !shows {
		return history.Opened{}, errs.New(errs.WrongState,
			"this node shows no user interfaces: its agent has no engine that does")
	}
	driver := wanted.GetWorkerId()
	if driver == "" {
		return l.config.Histories.Open(ctx, shower, wanted.GetHistory())
	}
	port, err := shower.UserInterface(driver)
	return history.Opened{
		ID:    driver,
		Port:  port,
		Leave: func() {},
	}, err
}

// dialWorker connects to a port of loopback if the worker itself listens there: a worker may name any port.
func (l *Line) dialWorker(ctx context.Context, id string, port int) (net.Conn, error) {
	switch own, err := l.config.Runtime.Listens(id, port); {
	case err != nil:
		return nil, err
	case !own:
		return nil, fmt.Errorf("its process does not listen at port %d", port)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

func sendOpened(stream dataStream, opened *agentv1.UIOpened) error {
	return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiOpened{UiOpened: opened}})
}

// receivePages passes on what the server sends, until it sends no more.
func receivePages(stream dataStream, to net.Conn) {
	received := &chunk.Reader{Next: chunk.Of(stream.Recv, (*agentv1.DataResponse).GetUiData)}
	_, _ = io.Copy(to, received) // one of the two has enough
}

// sendPages passes on what the pages send, no faster than the server takes it, until they send no more.
func sendPages(stream dataStream, from net.Conn) {
	send := func(part []byte) error {
		return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiData{UiData: part}})
	}
	_ = chunk.Send(from, pageBytes, send) // the pages have ended, receivePages has, or the server has enough
}
