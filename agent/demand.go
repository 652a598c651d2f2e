package agent

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// How often wishes go to the leader, on the stream that has the node's renewals too: a driver's program can change its own without end.
const (
	demandEvery = 200 * time.Millisecond // of one attempt
	demandRate  = 20                     // a second, of the node
	demandBurst = 40
)

// attemptOf names an attempt of a run.
type attemptOf struct {
	run     string
	attempt uint32
}

// demands are what the Spark drivers of this node want; the newest of each attempt counts. The leader keeps them in memory only.
type demands struct {
	mu      sync.Mutex
	newest  map[attemptOf]*agentv1.Demand
	unsent  []attemptOf               // in order
	sent    map[attemptOf]time.Time   // when the last one of each went out
	pace    *rate.Limiter             // of all
	refused map[attemptOf]*seldom.Log // those that wanted too much
	changed chan struct{}             // has a value when there is something to send
}

func newDemands() *demands {
	return &demands{newest: map[attemptOf]*agentv1.Demand{}, refused: map[attemptOf]*seldom.Log{}, changed: make(chan struct{}, 1),
		sent: map[attemptOf]time.Time{}, pace: rate.NewLimiter(demandRate, demandBurst)}
}

func (d *demands) set(demand *agentv1.Demand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := attemptOf{demand.GetJobRunId(), demand.GetAttempt()}
	d.newest[key] = demand
	if !slices.Contains(d.unsent, key) { // else the newer one goes in its place
		d.unsent = append(d.unsent, key)
		d.poke()
	}
}

// refuse logs that a driver wants too much, which it may say in a loop.
func (d *demands) refuse(key attemptOf, log *slog.Logger, args ...any) {
	d.mu.Lock()
	known := d.refused[key]
	if known == nil {
		known = seldom.New(log.With("run", key.run, "attempt", key.attempt))
		d.refused[key] = known
	}
	d.mu.Unlock()
	known.Warn("a driver wants more than can be passed on", args...)
}

// drop forgets what a driver wanted that has ended.
func (d *demands) drop(key attemptOf) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.newest, key)
	delete(d.refused, key)
	delete(d.sent, key)
	d.unsent = slices.DeleteFunc(d.unsent, func(other attemptOf) bool { return other == key })
}

// restart makes all of them unsent, for a new session.
func (d *demands) restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.newest {
		if !slices.Contains(d.unsent, key) {
			d.unsent = append(d.unsent, key)
		}
	}
	d.poke()
}

// take returns the next one to send; nil if there is none yet, and then in how long there will be: 0 if there is none at all.
func (d *demands) take(now time.Time) (next *agentv1.Demand, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, key := range d.unsent {
		if left := demandEvery - now.Sub(d.sent[key]); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		place := d.pace.ReserveN(now, 1)
		if left := place.DelayFrom(now); left > 0 {
			place.CancelAt(now)
			return nil, left
		}
		d.unsent = slices.Delete(d.unsent, i, i+1)
		d.sent[key] = now
		if len(d.unsent) > 0 {
			d.poke()
		}
		return d.newest[key], 0
	}
	return nil, wait
}

func (d *demands) poke() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// sendDemand sends the next one, or sets the timer for when it may go.
func (s *session) sendDemand(timer *time.Timer) error {
	demand, wait := s.agent.demands.take(time.Now())
	if wait > 0 {
		timer.Reset(wait)
	}
	if demand == nil {
		return nil
	}
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Demand{Demand: demand}})
}
