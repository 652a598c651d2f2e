package placement

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
	"github.com/headrace/headrace/server/placement/proposal"
)

// maxWorkers bounds the workers of one plan.
const maxWorkers = 1000

// Door is what placement needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	Now() time.Time // record time
	WaitApplied(ctx context.Context, record uint64) error
}

// Config says what a Placement works with.
type Config struct {
	Door    Door
	Demands *demand.Store
	Avoided *avoidance.Store
	Limits  command.Limits
	Log     *slog.Logger
	Panics  *caught.Panics // nil: they are caught and not counted
}

// Placement places waiting and growing runs, and missing slots, while this server leads.
type Placement struct {
	cfg     Config
	planner func(scheduler.Input) scheduler.Output
	waits   waits
	refused atomic.Uint64
	aside   aside
}

// New returns a Placement that waits to be run.
func New(cfg Config) *Placement { return &Placement{cfg: cfg, planner: scheduler.Plan} }

// Refused returns how many proposals the door refused since this server was started. In a quiet cluster it stays 0.
func (p *Placement) Refused() uint64 { return p.refused.Load() }

// Run places and expires until ctx ends, which is when this server no longer leads.
func (p *Placement) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { p.expire(ctx) })
	p.place(ctx)
	group.Wait()
}

// place plans on the newest view, proposes, and waits for something to change or for the next moment at which time
// alone would change the plan.
func (p *Placement) place(ctx context.Context) {
	memory := proposal.NewMemory()
	for ctx.Err() == nil {
		changed := p.cfg.Demands.Changed()
		view := p.cfg.Door.View()
		now := p.cfg.Door.Now()
		wait := time.Second
		_ = p.cfg.Panics.Do("a cycle of the scheduler", func() error { // logged; the next cycle may do better
			wait = p.cycle(ctx, view, now, memory)
			return nil
		})
		p.pause(ctx, view.Sequence+1, changed, wait)
	}
}

// cycle plans and proposes once, and returns how long it takes until time alone may change the plan.
func (p *Placement) cycle(
	ctx context.Context,
	view *state.View,
	now time.Time,
	memory *proposal.Memory,
) (wait time.Duration) {
	defer memory.Forget(view)
	built := p.build(view, now, memory)
	if built.Idle() {
		p.waits.set(built.Waits)
		p.tellShort(view, scheduler.Output{}, built.Waits)
		return built.Next.Sub(now)
	}
	plan := p.plan(built.Input, now)
	p.waits.set(built.Waits, plan.Waits)
	p.tellShort(view, plan, built.Waits, plan.Waits)
	p.propose(ctx, view.Sequence, plan, memory)
	return built.Next.Sub(now)
}

func (p *Placement) build(view *state.View, now time.Time, memory *proposal.Memory) *proposal.Proposal {
	avoided := func(application string) []string { return p.cfg.Avoided.Nodes(application, now) }
	return proposal.Build(proposal.Source{
		View:       view,
		Now:        now,
		Demands:    p.cfg.Demands,
		Avoided:    avoided,
		Limits:     p.cfg.Limits,
		MaxWorkers: maxWorkers,
		Aside:      func(id string) bool { return p.aside.holds(id, now) },
		Guard:      p.guard(now),
	}, memory)
}

// pause returns when the record is applied, a demand changes, or the wait is over, at most a second.
func (p *Placement) pause(ctx context.Context, record uint64, changed <-chan struct{}, wait time.Duration) {
	pausing, cancel := context.WithTimeout(ctx, min(max(wait, time.Millisecond), time.Second))
	defer cancel()
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-changed:
			cancel()
		case <-pausing.Done():
		}
	})
	_ = p.cfg.Door.WaitApplied(pausing, record) // an error is the end of the pause
	cancel()
	watching.Wait()
}
