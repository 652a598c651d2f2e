package placement

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// built is an Input with what does not go into it: why runs are left out, and when time alone would change it.
type built struct {
	input scheduler.Input
	waits []scheduler.Wait
	next  time.Time
}

// later notes a moment at which to plan again.
func (b *built) later(at time.Time) {
	if at.Before(b.next) {
		b.next = at
	}
}

// wait notes why a run is not asked for in this plan.
func (b *built) wait(run *state.JobRun, kind scheduler.WaitKind, format string, args ...any) {
	b.waits = append(b.waits, scheduler.Wait{Run: run.ID, Application: run.Application, Attempt: run.Attempt, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// The kinds of wait that the scheduler does not see.
const (
	waitApplication scheduler.WaitKind = "APPLICATION_NOT_STARTED"
	waitBackoff     scheduler.WaitKind = "BACK_OFF"
	waitOldWorkers  scheduler.WaitKind = "WORKERS_STOPPING"
	waitExecutors   scheduler.WaitKind = "EXECUTORS_DYING"
)

// build turns a view into what the scheduler plans on. Nodes and applications are only looked at when a run asks for something.
func (p *Placement) build(view *state.View, now time.Time, memory *memory) *built {
	b := &built{next: now.Add(time.Second), input: scheduler.Input{MaxWorkers: maxWorkers}}
	for run := range view.Unfinished("") {
		if at, refused := memory.refused[run.ID]; refused && view.Sequence <= at {
			continue
		}
		switch run.State {
		case state.RunSubmitted:
			b.wait(run, waitApplication, "its application is %s", view.Application(run.Application).State)
		case state.RunPending:
			p.request(b, view, run, now)
		case state.RunScheduled, state.RunRunning:
			p.grow(b, view, run, now, memory)
		}
	}
	if len(b.input.Waiting)+len(b.input.Growing) > 0 {
		addNodes(b, view, memory)
		addApplications(b, view)
	}
	return b
}

// request asks for a waiting attempt's driver and initial set, unless it has to wait for something else first.
func (p *Placement) request(b *built, view *state.View, run *state.JobRun, now time.Time) {
	attempt := view.Attempt(run.ID, run.Attempt)
	switch {
	case view.HasLiveWorkers(run.ID):
		b.wait(run, waitOldWorkers, "workers of its last attempt are still being stopped")
		return
	case now.Before(attempt.NotBefore):
		b.later(attempt.NotBefore)
		b.wait(run, waitBackoff, "attempt %d begins at %s", attempt.Number, attempt.NotBefore.Format(time.RFC3339))
		return
	}
	b.input.Waiting = append(b.input.Waiting, scheduler.Request{Run: run.ID, Application: run.Application, Attempt: run.Attempt,
		Submitted: state.Nano(run.Created), Driver: run.Shape.DriverSize, Worker: run.Shape.WorkerSize, Initial: run.Shape.Initial,
		Minimum: run.Shape.Minimum, AvoidZone: attempt.AvoidZone, AvoidNode: attempt.AvoidNode, Needs: needs(view, run, attempt)})
}

// needs says what the run's workers ask of a node.
func needs(view *state.View, run *state.JobRun, attempt *state.Attempt) scheduler.Needs {
	n := scheduler.Needs{Architecture: view.Application(run.Application).Architecture, Avoid: attempt.Refused}
	if run.Release != command.ProcessRelease {
		n.Release, n.ReleaseCached = run.Release, view.Release(run.Release) != nil
	}
	return n
}

func addNodes(b *built, view *state.View, memory *memory) {
	for node := range view.Nodes() {
		if node.State == state.NodeReady {
			b.input.Nodes = append(b.input.Nodes, scheduler.Node{ID: node.ID, Zone: node.Zone, Capacity: node.Capacity,
				Free: node.Capacity.Sub(view.UsedOfNode(node.ID)), ShuffleDisk: node.ShuffleDisk, Architecture: node.Architecture,
				Releases: memory.held(node)})
		}
	}
}

func addApplications(b *built, view *state.View) {
	added := map[string]bool{}
	add := func(id string) {
		if !added[id] {
			added[id] = true
			row := view.Application(id)
			b.input.Applications = append(b.input.Applications, scheduler.Application{ID: id, Weight: row.Weight, Used: view.UsedOfApplication(id), Limit: row.Limit})
		}
	}
	for _, request := range b.input.Waiting {
		add(request.Application)
	}
	for _, growth := range b.input.Growing {
		add(growth.Application)
	}
}
