package ui

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/headrace/headrace/internal/chunk"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// partBytes is the largest part of a request on a stream.
const partBytes = 64 << 10

// streamConn is a connection over a Data stream. One goroutine may read while another one writes.
type streamConn struct {
	stream   dispatch.DataStream
	received chunk.Reader
	end      func() // ends the stream
	note     string // what people are to know of the pages; empty: nothing

	closed atomic.Bool
}

func newStreamConn(stream dispatch.DataStream, note string) *streamConn {
	return &streamConn{
		stream:   stream,
		note:     note,
		received: chunk.Reader{Next: chunk.Of(stream.Recv, (*agentv1.DataRequest).GetUiData)},
	}
}

// Read reads what the pages send.
func (c *streamConn) Read(p []byte) (int, error) {
	n, err := c.received.Read(p)
	if err != nil {
		return 0, io.EOF // the pages have closed, or their node went away: HTTP tells the difference
	}
	return n, nil
}

// Write sends to the pages.
func (c *streamConn) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if c.closed.Load() {
			return n, net.ErrClosed
		}
		part := p[n:min(n+partBytes, len(p))]
		message := &agentv1.DataResponse{Message: &agentv1.DataResponse_UiData{UiData: part}}
		if err := c.stream.Send(message); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// Close ends the stream, and with it both directions.
func (c *streamConn) Close() error {
	c.closed.Store(true)
	c.end()
	return nil
}

// nowhere is the address of both ends: a stream has none.
type nowhere struct{}

// Network and String name it, for logs.
func (nowhere) Network() string { return "data stream" }
func (nowhere) String() string  { return "agent" }

// LocalAddr and RemoteAddr say nothing.
func (c *streamConn) LocalAddr() net.Addr  { return nowhere{} }
func (c *streamConn) RemoteAddr() net.Addr { return nowhere{} }

// SetDeadline and its like do nothing: if a caller waits too long, it closes the connection.
func (c *streamConn) SetDeadline(time.Time) error      { return nil }
func (c *streamConn) SetReadDeadline(time.Time) error  { return nil }
func (c *streamConn) SetWriteDeadline(time.Time) error { return nil }
