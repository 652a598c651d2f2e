package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/every"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// partBytes is the largest part of a log.
	partBytes = 64 << 10
	// followEvery is how often a log that is followed is looked at.
	followEvery = 100 * time.Millisecond
)

// readLog sends a log and its end.
func (l *Line) readLog(stream dataStream, read *agentv1.ReadLog) error {
	end := &agentv1.LogEnd{}
	if err := l.sendLog(stream, read); err != nil {
		end.Error = err.Error()
	}
	if stream.Context().Err() != nil {
		return stream.Context().Err()
	}
	return stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogEnd{LogEnd: end}})
}

// sendLog sends a log as fast as the server takes it; with follow until the worker has ended.
func (l *Line) sendLog(stream dataStream, read *agentv1.ReadLog) error {
	file, err := l.openLog(stream.Context(), read)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	offset := read.GetOffset()
	part := make([]byte, partBytes)
	for {
		// Asked before the read: what it wrote last is then there.
		last := !read.GetFollow() || l.config.Fleet.Ended(read.GetWorkerId())
		n, err := file.ReadAt(part, offset)
		if n > 0 {
			if n, err = upToHole(file, offset, n, err); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			message := &agentv1.DataRequest_LogPart{LogPart: &agentv1.LogPart{Offset: offset, Data: part[:n]}}
			if err := stream.Send(&agentv1.DataRequest{Message: message}); err != nil {
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
			every.Pause(stream.Context(), followEvery)
		}
		if err := stream.Context().Err(); err != nil {
			return err
		}
	}
}

// upToHole returns how many of the bytes that were read come before a hole, or why none do. It is asked after the read:
// what was given back to the disk before the read comes as zeros.
func upToHole(log runtime.Log, offset int64, n int, readErr error) (int, error) {
	begins, ends := log.Data(offset)
	switch {
	case begins == math.MaxInt64:
		return 0, fmt.Errorf("the node has nothing of it from byte %d on: its program made a hole there", offset)
	case begins > offset:
		return 0, fmt.Errorf("the node has it from byte %d on only: what is before was taken to where logs are kept, "+
			"or is a hole that its program made", begins)
	case ends-offset < int64(n):
		return int(ends - offset), nil // the next read meets the hole
	}
	return n, readErr
}

// openLog opens a log; with follow it waits until the worker has begun to write, or has ended.
func (l *Line) openLog(ctx context.Context, read *agentv1.ReadLog) (runtime.Log, error) {
	for {
		last := !read.GetFollow() || l.config.Fleet.Ended(read.GetWorkerId())
		file, err := l.config.Runtime.OpenLog(read.GetWorkerId(), read.GetStream())
		if err == nil || last || ctx.Err() != nil {
			return file, err
		}
		every.Pause(ctx, followEvery)
	}
}
