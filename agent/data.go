package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/agent/guest"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// maxData is how many Data streams an agent serves at once; a server gets no answer to its ticket beyond that.
	maxData = 64
	// partBytes is the largest part of a log.
	partBytes = 64 << 10
	// followEvery is how often a log that is followed is looked at.
	followEvery = 100 * time.Millisecond
)

// dataLine serves what servers ask to read, each on a connection of its own, so that nothing big is on the session.
type dataLine struct {
	agent *Agent
	ctx   context.Context // of all streams
	wg    sync.WaitGroup
	slots chan struct{}
}

func newDataLine(a *Agent) *dataLine { return &dataLine{agent: a, slots: make(chan struct{}, maxData)} }

// open serves one stream.
func (d *dataLine) open(wanted *agentv1.OpenData) {
	log := d.agent.config.Logger.With("server", wanted.GetServerAddress())
	select {
	case d.slots <- struct{}{}:
	default:
		log.Warn("too many data streams: one was not opened", "limit", maxData)
		return
	}
	d.wg.Go(func() {
		defer func() { <-d.slots }()
		if err := d.serve(wanted); err != nil && d.ctx.Err() == nil {
			log.Warn("a data stream has ended early", "error", err)
		}
	})
}

// serve dials the server, shows the ticket and does what is asked.
func (d *dataLine) serve(wanted *agentv1.OpenData) error {
	conn, err := d.agent.dial(wanted.GetServerAddress())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	stream, err := agentv1.NewAgentServiceClient(conn).Data(ctx)
	if err != nil {
		return err
	}
	if err := stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_Ticket{Ticket: wanted.GetTicket()}}); err != nil {
		return err
	}
	asked, err := stream.Recv()
	if err != nil {
		return err
	}
	if wanted := asked.GetOpenUi(); wanted != nil {
		return d.openUI(stream, wanted)
	}
	closed := make(chan error, 1)
	d.wg.Go(func() {
		closed <- drain(stream)
		cancel() // nobody reads any more: a log that is followed without growing would not notice
	})
	err = d.answer(stream, asked)
	return errors.Join(err, stream.CloseSend(), <-closed)
}

// answer does what a server asks. An unknown thing, of a newer version, has no answer.
func (d *dataLine) answer(stream dataStream, asked *agentv1.DataResponse) error {
	switch message := asked.GetMessage().(type) {
	case *agentv1.DataResponse_ReadLog:
		return d.readLog(stream, message.ReadLog)
	case *agentv1.DataResponse_DescribeWorker:
		launch := d.agent.fleet.loadLaunch(message.DescribeWorker.GetWorkerId())
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

// readLog sends a log and its end.
func (d *dataLine) readLog(stream dataStream, read *agentv1.ReadLog) error {
	end := &agentv1.LogEnd{}
	if err := d.sendLog(stream, read); err != nil {
		end.Error = err.Error()
	}
	if stream.Context().Err() != nil {
		return stream.Context().Err()
	}
	return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogEnd{LogEnd: end}})
}

// sendLog sends a log as fast as the server takes it; with follow until the worker has ended.
func (d *dataLine) sendLog(stream dataStream, read *agentv1.ReadLog) error {
	file, err := d.openLog(stream.Context(), read)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	offset := read.GetOffset()
	part := make([]byte, partBytes)
	for {
		last := !read.GetFollow() || d.ended(read.GetWorkerId()) // asked before the read: what it wrote last is then there
		n, err := file.ReadAt(part, offset)
		if n > 0 {
			if n, err = upToHole(file, offset, n, err); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			message := &agentv1.LogPart{Offset: offset, Data: part[:n]}
			if err := stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogPart{LogPart: message}}); err != nil {
				return err
			}
			offset += int64(n)
		}
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case err == nil:
		case last:
			return nil
		default:
			rest(stream.Context(), followEvery)
		}
		if err := stream.Context().Err(); err != nil {
			return err
		}
	}
}

// upToHole returns how much of what was read is no hole, or why there is none. It is asked after the read: what was given back to the
// disk before it reads as zeros.
func upToHole(file *os.File, offset int64, n int, readErr error) (int, error) {
	begins, ends := guest.Data(file, offset)
	switch {
	case begins == math.MaxInt64:
		return 0, fmt.Errorf("the node has nothing of it from byte %d on: its program made a hole there", offset)
	case begins > offset:
		return 0, fmt.Errorf("the node has it from byte %d on only: what is before was taken to where logs are kept, or is a hole that its program made", begins)
	case ends-offset < int64(n):
		return int(ends - offset), nil // the next read meets the hole
	}
	return n, readErr
}

// openLog opens a log; with follow it waits until the worker has begun to write, or has ended.
func (d *dataLine) openLog(ctx context.Context, read *agentv1.ReadLog) (*os.File, error) {
	for {
		last := !read.GetFollow() || d.ended(read.GetWorkerId())
		file, err := d.agent.runtime.OpenLog(read.GetWorkerId(), read.GetStream())
		if err == nil || last || ctx.Err() != nil {
			return file, err
		}
		rest(ctx, followEvery)
	}
}

// ended says whether a worker writes nothing more.
func (d *dataLine) ended(id string) bool {
	w := d.agent.fleet.find(id)
	return w == nil || w.hasEnded()
}
