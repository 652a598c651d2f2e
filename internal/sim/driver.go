package sim

import (
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// drive lets the drivers of Spark that run say what they want: a few executors more or fewer than they began with,
// sometimes something else, and now and then the end of one. Executors that a paced run no longer waits for are given
// up.
func (w *world) drive() {
	for run := range w.view().Unfinished("") {
		if run.State != state.RunRunning || run.Shape.Worker != state.TypeExecutor {
			continue
		}
		if w.planner.demands.Get(run.ID, run.Attempt) == nil || w.faults && w.chance(5) {
			wanted := &agentv1.Demand{
				JobRunId: run.ID,
				Attempt:  run.Attempt,
				Target:   min(uint32(w.random.IntN(6)), run.Shape.Maximum),
			}
			if w.faults && w.chance(10) {
				wanted.Stop = []uint32{uint32(1 + w.random.IntN(4))}
			}
			w.planner.demands.Set(wanted)
		}
		w.planner.demands.Withdraw(w.view(), run)
	}
}
