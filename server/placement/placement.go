package placement

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
)

// maxWorkers bounds the workers of one plan.
const maxWorkers = 1000

// Door is what placement needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	WaitApplied(ctx context.Context, record uint64) error
}

// Config says what a Placement works with.
type Config struct {
	Door    Door
	Demands *demand.Store
	Limits  command.Limits
	Log     *slog.Logger
}

// Placement places waiting and growing runs while this server leads.
type Placement struct {
	cfg     Config
	waits   waits
	refused atomic.Uint64
}

// New returns a Placement that waits to be run.
func New(cfg Config) *Placement { return &Placement{cfg: cfg} }

// Refused returns how many proposals the door refused since this server was started. In a quiet cluster it stays 0.
func (p *Placement) Refused() uint64 { return p.refused.Load() }

// Run places and expires until ctx ends, which is when this server no longer leads.
func (p *Placement) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { p.expire(ctx) })
	p.place(ctx)
	group.Wait()
}

// place plans on the newest view, proposes, and waits for something to change or for the next moment at which time alone would
// change the plan.
func (p *Placement) place(ctx context.Context) {
	memory := newMemory()
	for ctx.Err() == nil {
		changed := p.cfg.Demands.Changed()
		view, now := p.cfg.Door.View(), time.Now()
		built := p.build(view, now, memory)
		if len(built.input.Waiting)+len(built.input.Growing) > 0 {
			plan := scheduler.Plan(built.input)
			p.waits.set(built.waits, plan.Waits)
			p.propose(ctx, plan.Placements, memory)
		} else {
			p.waits.set(built.waits, nil)
		}
		memory.forget(view)
		p.pause(ctx, view.Sequence+1, changed, built.next.Sub(now))
	}
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

// propose sends every placement to the door at once, so that they share a record, and waits for all answers.
func (p *Placement) propose(ctx context.Context, placements []scheduler.Placement, memory *memory) {
	var group sync.WaitGroup
	answers := make([]error, len(placements))
	for i, placement := range placements {
		group.Go(func() {
			_, answers[i] = p.cfg.Door.Execute(ctx, commandOf(placement).Decide)
		})
	}
	group.Wait()
	at := p.cfg.Door.View().Sequence
	for i, err := range answers {
		p.note(placements[i], err, at, memory)
	}
}

func (p *Placement) note(placement scheduler.Placement, err error, at uint64, memory *memory) {
	switch {
	case err == nil:
		memory.placed(placement, time.Now())
	case errs.Is(err, errs.Refused):
		p.refused.Add(1)
		memory.refused[placement.Run] = at
		p.cfg.Log.Info("plan refused", "run", placement.Run, "reason", err)
	case !errs.Is(err, errs.Unknown) && !errs.Is(err, errs.NotLeader):
		p.cfg.Log.Warn("plan not decided", "run", placement.Run, "error", err)
	}
}

func commandOf(placement scheduler.Placement) *command.Place {
	c := &command.Place{JobRunID: placement.Run, Attempt: placement.Attempt, Zone: placement.Zone, Driver: placement.Driver}
	for _, share := range placement.Shares {
		c.Shares = append(c.Shares, command.Share{Node: share.Node, Count: share.Count})
	}
	return c
}
