// Package backoff says how long to pause between the tries of something that fails: each pause is twice as long as the
// one before it, up to a longest one.
//
//	pauses := backoff.Doubling{First: time.Second, Max: time.Minute}
//	for try() != nil {
//		wait(ctx, pauses.Next()) // 1 s, 2 s, 4 s, ..., 1 min
//	}
//
// It is pure, so that decisions which a replay has to repeat may use it: it reads no clock and draws no random number.
// Its caller waits, says when a success makes the pauses short again, and hands in what is random:
//
//	backoff.Jitter(pauses.Next(), rand.N[time.Duration])
//
// If many begin to fail at one moment, such as all agents when a leader dies, they use Jitter: without it they all try
// again at one moment, too.
package backoff
