package agent

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
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
	refused map[attemptOf]*seldom.Log // those that wanted too much
	changed chan struct{}             // has a value when there is something to send
}

func newDemands() *demands {
	return &demands{newest: map[attemptOf]*agentv1.Demand{}, refused: map[attemptOf]*seldom.Log{}, changed: make(chan struct{}, 1)}
}

func (d *demands) set(demand *agentv1.Demand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := attemptOf{demand.GetJobRunId(), demand.GetAttempt()}
	d.newest[key] = demand
	if !slices.Contains(d.unsent, key) {
		d.unsent = append(d.unsent, key)
	}
	d.poke()
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

// take returns the next one to send; nil if there is none.
func (d *demands) take() *agentv1.Demand {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.unsent) == 0 {
		return nil
	}
	next := d.newest[d.unsent[0]]
	d.unsent = d.unsent[1:]
	if len(d.unsent) > 0 {
		d.poke()
	}
	return next
}

func (d *demands) poke() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
