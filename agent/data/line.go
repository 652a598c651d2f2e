package data

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/history"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/agent/tasks"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxStreams is how many streams an agent serves at once; a server gets no answer to its ticket beyond that.
const maxStreams = 64

// Config is what a line needs.
type Config struct {
	// Servers are those that are dialled.
	Servers *servers.Servers
	// Fleet knows the workers.
	Fleet Fleet
	// Runtime has their logs.
	Runtime Runtime
	// Engine is the engine of drivers. If it is an engine.UserInterfaces, drivers have pages.
	Engine engine.Engine
	// Histories show attempts that are over.
	Histories *history.Histories
	Logger    *slog.Logger
}

// Fleet is what is needed of the node's workers. *fleet.Fleet is one.
type Fleet interface {
	// Launch returns how a worker was started; its Error says why that is not known.
	Launch(id string) *agentv1.WorkerLaunch
	// Ended says whether a worker writes nothing more. A worker that is not known does not.
	Ended(id string) bool
}

// Runtime is what is needed of what holds workers. *runtime.Runtime and its twin in memory are such.
type Runtime interface {
	// OpenLog opens stdout or stderr of a worker.
	OpenLog(id, stream string) (runtime.Log, error)
	// Listens says whether this worker, and no other process, listens at a port of 127.0.0.1.
	Listens(id string, port int) (bool, error)
}

// Line serves streams. Its methods may be called by many goroutines.
type Line struct {
	config  Config
	tasks   tasks.Group
	streams chan struct{} // holds a value for each that is open
}

// New returns a line without streams.
func New(config Config) *Line { return &Line{config: config, streams: make(chan struct{}, maxStreams)} }

// Run serves streams until the context ends, and ends all of them then.
func (l *Line) Run(ctx context.Context) error { return l.tasks.Run(ctx) }

// Open serves one stream. It returns at once.
func (l *Line) Open(wanted *agentv1.OpenData) {
	log := l.config.Logger.With("server", wanted.GetServerAddress())
	select {
	case l.streams <- struct{}{}:
	default:
		log.Warn("too many data streams: one was not opened", "limit", maxStreams)
		return
	}
	l.tasks.Go(func(ctx context.Context) {
		defer func() { <-l.streams }()
		if err := l.serve(ctx, wanted); err != nil && ctx.Err() == nil {
			log.Warn("a data stream has ended early", "error", err)
		}
	})
}

// serve dials the server, shows the ticket and does what is asked.
func (l *Line) serve(ctx context.Context, wanted *agentv1.OpenData) error {
	conn, err := l.config.Servers.Dial(wanted.GetServerAddress())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := agentv1.NewAgentServiceClient(conn).Data(ctx)
	if err != nil {
		return err
	}
	ticket := &agentv1.DataRequest_Ticket{Ticket: wanted.GetTicket()}
	if err := stream.Send(&agentv1.DataRequest{Message: ticket}); err != nil {
		return err
	}
	asked, err := stream.Recv()
	if err != nil {
		return err
	}
	if wanted := asked.GetOpenUi(); wanted != nil {
		return l.openPages(stream, wanted)
	}
	closed := make(chan error, 1)
	go func() {
		defer cancel() // nobody reads any more: a log that is followed without growing would not notice
		closed <- drain(stream)
	}()
	err = l.answer(stream, asked)
	return errors.Join(err, stream.CloseSend(), <-closed)
}

// answer does what a server asks. What a server of a newer version asks, and this agent does not know, has no answer.
func (l *Line) answer(stream dataStream, asked *agentv1.DataResponse) error {
	switch message := asked.GetMessage().(type) {
	case *agentv1.DataResponse_ReadLog:
		return l.readLog(stream, message.ReadLog)
	case *agentv1.DataResponse_DescribeWorker:
		launch := l.config.Fleet.Launch(message.DescribeWorker.GetWorkerId())
		return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_WorkerLaunch{WorkerLaunch: launch}})
	}
	return nil
}

type dataStream = grpc.BidiStreamingClient[agentv1.DataRequest, agentv1.DataResponse]

// drain waits until the server closes.
func drain(stream dataStream) error {
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
