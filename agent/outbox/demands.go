package outbox

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// How often demands go to the leader. They share a stream with the node's renewals, and a driver's program can change
// its own without end.
const (
	demandEvery = 200 * time.Millisecond // of one attempt
	demandRate  = 20                     // a second, of the node
	demandBurst = 40
)

// maxDemand is how much a driver may want at once, in bytes: servers take no more, as it goes on to every executor.
const maxDemand = 64 << 10

// Attempt names an attempt of a run.
type Attempt struct {
	Run    string
	Number uint32
}

// Demands are what the Spark drivers of this node want; the newest of each attempt counts. Its methods may be called by
// many goroutines.
type Demands struct {
	logger *slog.Logger

	mu      sync.Mutex
	newest  map[Attempt]*agentv1.Demand
	unsent  []Attempt               // in order
	sent    map[Attempt]time.Time   // when the last one of each went out
	pace    *rate.Limiter           // of all
	refused map[Attempt]*seldom.Log // those that wanted too much
	changed chan struct{}           // has a value when there is something to send
}

// NewDemands returns no demands.
func NewDemands(logger *slog.Logger) *Demands {
	return &Demands{
		logger:  logger,
		newest:  map[Attempt]*agentv1.Demand{},
		sent:    map[Attempt]time.Time{},
		pace:    rate.NewLimiter(demandRate, demandBurst),
		refused: map[Attempt]*seldom.Log{},
		changed: make(chan struct{}, 1),
	}
}

// Changed has a value when there is something to send.
func (d *Demands) Changed() <-chan struct{} { return d.changed }

// Set replaces what a driver wants. If that is more than can be passed on, Set drops it, and logs that.
func (d *Demands) Set(demand *agentv1.Demand) {
	key := Attempt{demand.GetJobRunId(), demand.GetAttempt()}
	if size := proto.Size(demand); size > maxDemand {
		d.refuse(key, "bytes", size, "max", maxDemand)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.newest[key] = demand
	if !slices.Contains(d.unsent, key) { // else the newer one goes in its place
		d.unsent = append(d.unsent, key)
		d.poke()
	}
}

// refuse logs that a driver wants too much, which it may say in a loop.
func (d *Demands) refuse(key Attempt, args ...any) {
	d.mu.Lock()
	known := d.refused[key]
	if known == nil {
		known = seldom.New(d.logger.With("run", key.Run, "attempt", key.Number))
		d.refused[key] = known
	}
	d.mu.Unlock()
	known.Warn("a driver wants more than can be passed on", args...)
}

// Drop forgets what a driver wanted, after that has ended.
func (d *Demands) Drop(key Attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.newest, key)
	delete(d.refused, key)
	delete(d.sent, key)
	d.unsent = slices.DeleteFunc(d.unsent, func(other Attempt) bool { return other == key })
}

// Restart makes all of them unsent, for a new session.
func (d *Demands) Restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.newest {
		if !slices.Contains(d.unsent, key) {
			d.unsent = append(d.unsent, key)
		}
	}
	d.poke()
}

// Take returns the next one to send; nil if there is none yet, and then in how long there will be: 0 if there is none
// at all.
func (d *Demands) Take(now time.Time) (next *agentv1.Demand, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, key := range d.unsent {
		if left := demandEvery - now.Sub(d.sent[key]); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		reservation := d.pace.ReserveN(now, 1)
		if left := reservation.DelayFrom(now); left > 0 {
			reservation.CancelAt(now)
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

func (d *Demands) poke() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
