package testcluster

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxPart bounds a part of a log, in bytes, as the contract does.
const maxPart = 64 << 10

// logs are what a node's workers printed.
type logs struct {
	mu      sync.Mutex
	text    map[string]string
	readers map[string]int // Data streams that serve a worker's logs now
	changed chan struct{}  // closed when something was printed
}

func newLogs() *logs {
	return &logs{text: map[string]string{}, readers: map[string]int{}, changed: make(chan struct{})}
}

func (l *logs) read(worker string, more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readers[worker] += more
}

// Readers returns how many Data streams serve the worker's logs now.
func (w *Worker) Readers() int {
	w.node.logs.mu.Lock()
	defer w.node.logs.mu.Unlock()
	return w.node.logs.readers[w.ID]
}

func (l *logs) add(worker, stream, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text[worker+"/"+stream] += text
	close(l.changed)
	l.changed = make(chan struct{})
}

// from returns a part of a log from an offset on, and what says that there is more.
func (l *logs) from(worker, stream string, offset int64) (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text[worker+"/"+stream]
	text = text[min(int64(len(text)), offset):]
	return text[:min(len(text), maxPart)], l.changed
}

// serveData dials a server that wants a Data stream, and serves it.
func (n *Node) serveData(open *agentv1.OpenData) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cut, _ := n.link()
	go func() {
		select {
		case <-cut:
			cancel()
		case <-ctx.Done():
		}
	}()
	conn, err := grpc.NewClient(open.GetServerAddress(), n.dial...)
	if err != nil {
		return
	}
	defer conn.Close()
	stream, err := agentv1.NewAgentServiceClient(conn).Data(ctx)
	if err != nil ||
		stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_Ticket{Ticket: open.GetTicket()}}) != nil {
		return
	}
	asked, err := stream.Recv()
	if err != nil {
		return
	}
	n.logs.read(asked.GetReadLog().GetWorkerId(), 1)
	defer n.logs.read(asked.GetReadLog().GetWorkerId(), -1)
	go func() { // ends with the stream, which the server closes when nobody reads any more
		_, _ = stream.Recv()
		cancel()
	}()
	n.serveLog(stream, asked.GetReadLog())
}

// serveLog sends a log to its end; while it is followed, to the worker's.
func (n *Node) serveLog(stream agentv1.AgentService_DataClient, ask *agentv1.ReadLog) {
	var gone <-chan struct{}
	if w := n.find(ask.GetWorkerId()); w != nil {
		gone = w.gone
	}
	for offset, last := ask.GetOffset(), false; ; {
		text, more := n.logs.from(ask.GetWorkerId(), ask.GetStream(), offset)
		switch {
		case text != "":
			part := &agentv1.LogPart{Offset: offset, Data: []byte(text)}
			if stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogPart{LogPart: part}}) != nil {
				return
			}
			offset += int64(len(text))
		case last || !ask.GetFollow() || gone == nil:
			_ = stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogEnd{LogEnd: &agentv1.LogEnd{}}})
			<-stream.Context().Done() // until the server closes
			return
		default:
			select {
			case <-more:
			case <-gone:
				last = true
			case <-stream.Context().Done():
				return
			}
		}
	}
}
