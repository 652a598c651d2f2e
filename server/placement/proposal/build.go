package proposal

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// Demands is what running drivers want.
type Demands interface {
	// Target returns how many executors the driver of an attempt wants in all; 0 if it has not said.
	Target(run string, attempt uint32) uint32
	// Stops says whether an executor is on its way out: its driver wants it stopped, or no longer waits for it.
	Stops(run string, attempt, number uint32) bool
}

// Source is what a proposal is made from. All that is not pure is handed in here.
type Source struct {
	View       *state.View
	Now        time.Time
	Demands    Demands
	Avoided    func(application string) []string // nodes that lately could not prepare a slot of it; may be nil
	Limits     command.Limits
	MaxWorkers int // bounds the workers of one plan
	// Patience is how long a run waits for room before nodes are promised to it.
	Patience time.Duration

	// Aside says until when a run or an application is left out after the leader failed on it; nil: none is.
	Aside func(id string) time.Time
	// Guard does the work for one run or application; nil: it is just done.
	Guard func(id string, work func())
}

// Proposal is what the scheduler is asked, or the part of it that a builder was asked for.
type Proposal struct {
	Input scheduler.Input
	Waits []scheduler.Wait // runs that are left out, and why
	Next  time.Time        // when time alone would change it, at most a second after it was made
}

// Idle says whether there is nothing to plan.
func (p *Proposal) Idle() bool { return len(p.Input.Applications) == 0 }

// The kinds of wait that the scheduler does not see.
const (
	WaitBackoff    scheduler.WaitKind = "BACK_OFF"
	WaitOldWorkers scheduler.WaitKind = "WORKERS_STOPPING"
	WaitExecutors  scheduler.WaitKind = "EXECUTORS_DYING"
	WaitAside      scheduler.WaitKind = "SCHEDULER_FAILED"
)

// Build asks for everything that waits, grows or is missing. It looks at nodes and applications only if something is.
func Build(from Source, memory *Memory) *Proposal {
	b := &builder{
		Source: from,
		memory: memory,
		proposal: &Proposal{
			Next: from.Now.Add(time.Second),
			Input: scheduler.Input{
				Bounds:    bounds(from, memory),
				Promises:  memory.promises,
				Occupants: from.occupants,
			},
		},
	}
	for run := range from.View.Unfinished("") {
		b.guard(run.ID, func() { b.run(run) })
	}
	b.addApplications()
	if !b.proposal.Idle() {
		b.addNodes()
	}
	return b.proposal
}

// bounds says what stands over all applications.
func bounds(from Source, memory *Memory) scheduler.Bounds {
	b := scheduler.Bounds{
		Now:         state.Nano(from.Now),
		Patience:    int64(from.Patience),
		Look:        from.Now.Sub(memory.looked) >= lookInterval,
		Turn:        memory.looks,
		MaxWorkers:  from.MaxWorkers,
		AccountCPU:  from.Limits.AccountCPU,
		AccountUsed: from.View.Used().MilliCPU,
	}
	if b.Look {
		b.Yields = from.yields()
	}
	return b
}

// builder makes one proposal.
type builder struct {
	Source
	memory   *Memory
	proposal *Proposal
}

// run asks for what a run waits for. If a run is SUBMITTED or QUEUED, the view itself shows what it waits for: there
// may be a hundred thousand of them, and none of them is kept for plans.
func (b *builder) run(run *state.JobRun) {
	if b.memory.skips(run.ID, b.View) {
		return
	}
	if run.State >= state.RunPending && run.State < state.RunCancelling &&
		(b.leftOut(run.ID) || b.leftOut(run.Application)) {
		b.wait(run, WaitAside,
			"the leader failed while it planned for it, and leaves it out for a while; its log has the details")
		return
	}
	switch run.State {
	case state.RunPending:
		b.request(run)
	case state.RunScheduled, state.RunRunning:
		b.grow(run)
	}
}

// leftOut says whether the leader failed on a run or an application lately.
func (b *builder) leftOut(id string) bool {
	if b.Aside == nil {
		return false
	}
	until := b.Aside(id)
	if !b.Now.Before(until) {
		return false
	}
	b.later(until)
	return true
}

// guard does what is done for one run or application.
func (b *builder) guard(id string, work func()) {
	if b.Guard == nil {
		work()
		return
	}
	b.Guard(id, work)
}

// later notes a moment at which to plan again.
func (b *builder) later(at time.Time) {
	if b.proposal.Next.IsZero() || at.Before(b.proposal.Next) {
		b.proposal.Next = at
	}
}

// wait notes why a run is not asked for in this plan.
func (b *builder) wait(run *state.JobRun, kind scheduler.WaitKind, format string, args ...any) {
	b.proposal.Waits = append(b.proposal.Waits, scheduler.Wait{
		Run:         run.ID,
		Application: run.Application,
		Attempt:     run.Attempt,
		Kind:        kind,
		Message:     fmt.Sprintf(format, args...),
	})
}

func (b *builder) addNodes() {
	for node := range b.View.Nodes() {
		if node.Takes() {
			b.proposal.Input.Nodes = append(b.proposal.Input.Nodes, b.node(node))
		}
	}
}

// node returns a node with what is free on it.
func (b *builder) node(node *state.Node) scheduler.Node {
	return scheduler.Node{
		ID:           node.ID,
		Zone:         node.Zone,
		Name:         node.Name,
		Labels:       node.Labels,
		Capacity:     node.Capacity,
		Free:         node.Capacity.Sub(b.View.UsedOfNode(node.ID)),
		Held:         b.View.SlotsOfNode(node.ID),
		ShuffleDisk:  node.ShuffleDisk,
		Architecture: node.Architecture,
		Releases:     b.memory.held(node),
	}
}
