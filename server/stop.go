package server

import (
	"context"
	"fmt"
	"time"
)

// The bounds of a server's end.
const (
	stopTime = 2 * time.Second  // that calls under way may take to end by themselves
	endTime  = 30 * time.Second // of all of it; Raft may have to write what it has to a busy disk
)

// stopServing ends the listener when ctx ends. Streams that watch never end by themselves, so they are cut after a
// while; a handler that does not end even then is left behind.
func (s *Server) stopServing(ctx context.Context) {
	<-ctx.Done()
	cut := time.AfterFunc(stopTime, s.grpc.Stop)
	defer cut.Stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.grpc.GracefulStop()
	}()
	select {
	case <-ended:
	case <-time.After(stopTime + shakeTime + stopTime):
		s.cfg.Log.ErrorContext(ctx,
			"calls do not end, although nobody waits for them any more: leaving them behind; please report it")
	}
}

// inTime waits for an end at most for a while after ctx has ended.
func inTime(ctx context.Context, limit time.Duration, end func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(limit):
		return fmt.Errorf("cannot end everything within %s: "+
			"leaving the rest behind; please report it with what the log says", limit)
	}
}
