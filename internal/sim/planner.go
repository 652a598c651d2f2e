package sim

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// planner is the scheduler's loop: one plan at a time.
type planner struct {
	asked   int               // proposals without an answer
	targets map[string]uint32 // executors that a Spark attempt wants
}

func newPlanner() planner { return planner{targets: map[string]uint32{}} }

// plan plans on what the leader knows now, and proposes it a little later.
func (w *world) plan() {
	if w.planner.asked > 0 {
		return
	}
	in := w.input()
	if len(in.Waiting)+len(in.Growing) == 0 {
		return
	}
	for _, placement := range scheduler.Plan(in).Placements {
		w.planner.asked++
		w.after(w.between(0, 300*time.Millisecond), func() { w.propose(placement) })
	}
	if w.faults && w.chance(30) {
		w.proposeNonsense()
	}
}

// proposeNonsense proposes what no planner would: the door's verifier has the last word, and may not believe anything.
func (w *world) proposeNonsense() {
	for run := range w.view().Unfinished("") {
		if !w.chance(30) {
			continue
		}
		n := w.nodes[w.random.IntN(len(w.nodes))]
		count := run.Shape.Initial
		if w.chance(30) {
			count = uint32(w.random.IntN(9))
		}
		placement := scheduler.Placement{Run: run.ID, Attempt: run.Attempt, Zone: n.zone, Shares: []scheduler.Share{{Node: n.id, Count: count}}}
		if w.chance(50) {
			placement.Driver = n.id
		}
		w.planner.asked++
		w.propose(placement)
	}
}

func (w *world) propose(placement scheduler.Placement) {
	c := &command.Place{JobRunID: placement.Run, Attempt: placement.Attempt, Zone: placement.Zone, Driver: placement.Driver}
	for _, share := range placement.Shares {
		c.Shares = append(c.Shares, command.Share{Node: share.Node, Count: share.Count})
	}
	w.execute(c.Decide, func(err error) {
		w.planner.asked--
		if errs.Is(err, errs.Refused) {
			w.count.Refused++
		}
	})
}

// input says what waits and grows, as package placement does.
func (w *world) input() scheduler.Input {
	view := w.view()
	in := scheduler.Input{MaxWorkers: 100}
	for run := range view.Unfinished("") {
		attempt := view.Attempt(run.ID, run.Attempt)
		needs := scheduler.Needs{Architecture: "X86_64", Avoid: attempt.Refused}
		if run.Release != command.ProcessRelease {
			needs.Release = run.Release
		}
		switch {
		case run.State == state.RunPending && !view.HasLiveWorkers(run.ID) && !w.now.Before(attempt.NotBefore):
			in.Waiting = append(in.Waiting, scheduler.Request{Run: run.ID, Application: run.Application, Attempt: run.Attempt, Submitted: state.Nano(run.Created),
				Driver: run.Shape.DriverSize, Worker: run.Shape.WorkerSize, Initial: run.Shape.Initial, Minimum: run.Shape.Minimum,
				AvoidZone: attempt.AvoidZone, AvoidNode: attempt.AvoidNode, Needs: needs})
		case run.State == state.RunScheduled || run.State == state.RunRunning:
			if missing := w.missing(view, run, attempt); missing > 0 {
				in.Growing = append(in.Growing, scheduler.Growth{Run: run.ID, Application: run.Application, Attempt: run.Attempt, Submitted: state.Nano(run.Created),
					Zone: attempt.Zone, Worker: run.Shape.WorkerSize, Count: missing, Needs: needs})
			}
		}
	}
	addRoom(&in, view)
	return in
}

// missing counts the workers that an attempt wants and has not.
func (w *world) missing(view *state.View, run *state.JobRun, attempt *state.Attempt) uint32 {
	if run.Shape.Worker == state.TypeTask {
		return command.MissingTasks(view, run, attempt)
	}
	key := fmt.Sprintf("%s/%d", run.ID, run.Attempt)
	if _, known := w.planner.targets[key]; !known {
		w.planner.targets[key] = min(run.Shape.Initial+uint32(w.random.IntN(3)), run.Shape.Maximum)
	}
	live := uint32(0)
	for worker := range view.LiveWorkersOfRun(run.ID) {
		if worker.Number != 0 {
			live++
		}
	}
	return w.planner.targets[key] - min(w.planner.targets[key], live)
}

func addRoom(in *scheduler.Input, view *state.View) {
	for node := range view.Nodes() {
		if node.State == state.NodeReady {
			in.Nodes = append(in.Nodes, scheduler.Node{ID: node.ID, Zone: node.Zone, Capacity: node.Capacity, Free: node.Capacity.Sub(view.UsedOfNode(node.ID)),
				Architecture: node.Architecture, Releases: map[string]bool{sparkRelease: true}})
		}
	}
	for application := range view.Applications("") {
		in.Applications = append(in.Applications, scheduler.Application{ID: application.ID, Weight: application.Weight,
			Used: view.UsedOfApplication(application.ID), Limit: application.Limit})
	}
}

// expire applies what follows from time alone.
func (w *world) expire() {
	view := w.view()
	for run := range view.Unfinished("") {
		if command.Overdue(view, run, w.now, w.limits) {
			w.execute((&command.ExpireJobRun{JobRunID: run.ID, Waits: "no room"}).Decide, func(error) {})
		}
	}
	for application := range view.Applications("") {
		if command.Idle(view, application, w.now) {
			w.execute((&command.StopIdleApplication{ApplicationID: application.ID}).Decide, func(error) {})
		}
	}
}
