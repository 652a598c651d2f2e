package server

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/every"
)

// How often a server looks for what it lacks. While it cannot bring something, the pauses double: the servers lack it
// all at one moment, and ask the same one for it.
const (
	replicateInterval = 2 * time.Second
	replicateLongest  = 15 * time.Second
)

// replicate brings here what this server lacks, again and again until ctx ends. bring returns why something is still
// lacking; what panics in it is tried again, too.
func (s *Server) replicate(ctx context.Context, what string, bring func(context.Context) (lacks error)) {
	pauses := backoff.Doubling{First: replicateInterval, Max: replicateLongest}
	pause := replicateInterval
	for every.Pause(ctx, pause) {
		err := s.panics.Do(what, func() error { return bring(ctx) }) // logged
		if err != nil {
			pause = backoff.Jitter(pauses.Next(), rand.N[time.Duration])
			continue
		}
		pauses.Reset()
		pause = replicateInterval
	}
}
