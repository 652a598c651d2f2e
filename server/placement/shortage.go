package placement

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/demand"
)

// advice says what can be done about the waits for executors that drivers are told of. Others end by themselves.
var advice = map[scheduler.WaitKind]string{
	scheduler.WaitApplicationLimit: "raise the application's maximum capacity, or ask for fewer or smaller executors",
	scheduler.WaitAccountQuota: "raise account_vcpu_quota of the servers, wait until others end, " +
		"or ask for fewer or smaller executors",
	scheduler.WaitNoRoom:       "add nodes, wait until others end, or ask for fewer or smaller executors",
	scheduler.WaitNoNodes:      "start an agent",
	scheduler.WaitRelease:      "give the release to a node",
	scheduler.WaitArchitecture: "add such a node",
}

// tellShort notes which drivers cannot have all executors that they want, and why, so that they are told at once. The
// plan's own placements count. Only growth is looked at: an attempt that waits has no driver that could want any.
func (p *Placement) tellShort(view *state.View, plan scheduler.Output) {
	placed := placedBy(plan)
	short := map[demand.Attempt]demand.Shortage{}
	for wait := range p.book.Cluster().Short() {
		run := view.JobRun(wait.Run)
		if run == nil || run.Spark() == nil || advice[wait.Kind] == "" {
			continue
		}
		attempt := demand.Attempt{Run: wait.Run, Number: wait.Attempt}
		wants := p.cfg.Demands.Target(wait.Run, wait.Attempt)
		if wants == 0 {
			continue // its driver has just changed its mind
		}
		has := p.executors(view, wait) + placed[attempt]
		short[attempt] = demand.Shortage{
			Kind:  string(wait.Kind),
			Has:   has,
			Wants: wants,
			Message: fmt.Sprintf("it has %d of the %d executors that it wants: %s; %s",
				has, wants, wait.Message, advice[wait.Kind]),
		}
	}
	p.cfg.Demands.SetShortages(short)
}

// executors counts the executors that an attempt has and its driver wants to keep.
func (p *Placement) executors(view *state.View, wait scheduler.Wait) (n uint32) {
	for w := range view.LiveWorkersOfRun(wait.Run) {
		if w.Number != 0 && w.Leaving == 0 && !p.cfg.Demands.Stops(wait.Run, wait.Attempt, w.Number) {
			n++
		}
	}
	return n
}

// placedBy counts the executors that a plan gives each attempt.
func placedBy(plan scheduler.Output) map[demand.Attempt]uint32 {
	placed := map[demand.Attempt]uint32{}
	for _, placement := range plan.Placements {
		attempt := demand.Attempt{Run: placement.Run, Number: placement.Attempt}
		placed[attempt] += uint32(len(placement.Slots))
		for _, share := range placement.Shares {
			placed[attempt] += share.Count
		}
	}
	return placed
}
