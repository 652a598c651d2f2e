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

const (
	// maxWorkers bounds the workers of one plan.
	maxWorkers = 1000
	// patience is how long a run waits for room before nodes are promised to it.
	patience = time.Minute
)

// Door is what placement needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	// ChangesSince returns the newest view, and what the records after one changed; false: that is not known any more.
	ChangesSince(record uint64) (view *state.View, changes []*state.Changes, known bool)
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
	cfg      Config
	planner  func(*scheduler.Cluster) scheduler.Output
	refused  atomic.Uint64
	rebuilds atomic.Uint64
	aside    aside

	deadlines *proposal.Deadlines // of runs; the goroutine that expires has them

	mu    sync.Mutex     // held while the book is read or brought up to date, and while it is planned on
	book  *proposal.Book // of this leadership; nil: this server does not lead
	audit audit          // of the book
}

// New returns a Placement that waits to be run.
func New(cfg Config) *Placement {
	p := &Placement{cfg: cfg, planner: (*scheduler.Cluster).Plan}
	p.deadlines = p.newDeadlines()
	return p
}

// Refused returns how many proposals the door refused since this server was started. In a quiet cluster it stays 0.
func (p *Placement) Refused() uint64 { return p.refused.Load() }

// Run places and expires until ctx ends, which is when this server no longer leads.
func (p *Placement) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { p.expire(ctx) })
	p.place(ctx)
	group.Wait()
	p.end()
}

// place plans on the newest view, proposes, and waits for something to change or for the next moment at which time
// alone would change the plan.
func (p *Placement) place(ctx context.Context) {
	p.begin()
	for ctx.Err() == nil {
		changed := p.cfg.Demands.Changed()
		next := p.cfg.Door.View().Sequence + 1
		wait := time.Second
		err := p.cfg.Panics.Do("a cycle of the scheduler", func() error {
			next, wait = p.cycle(ctx, p.cfg.Door.Now())
			return nil
		})
		if err != nil { // it is logged; the next cycle may do better
			p.breakBook()
		}
		p.pause(ctx, next, changed, wait)
	}
}

// begin forgets everything, as a new leader does.
func (p *Placement) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.audit.end()
	p.book = proposal.NewBook(proposal.NewMemory())
}

// end gives up what a leader keeps: who does not lead knows of no waits.
func (p *Placement) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.book = nil
	p.audit.end()
}

func (p *Placement) breakBook() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.book.Break()
}

// cycle plans and proposes once. It returns the next record that may change the plan, and how long it takes until time
// alone may.
func (p *Placement) cycle(ctx context.Context, now time.Time) (record uint64, wait time.Duration) {
	view, plan := p.decide(ctx, now)
	p.propose(ctx, view.Sequence, plan, p.book.Memory())
	return view.Sequence + 1, p.book.Next(now).Sub(now)
}

// decide brings the book up to date and plans on it.
func (p *Placement) decide(ctx context.Context, now time.Time) (*state.View, scheduler.Output) {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := p.cfg.Demands.Changed()
	from := p.follow(now)
	p.compare(ctx, from, said)
	plan := p.plan(from, p.book)
	p.tellShort(from.View, plan)
	p.book.Memory().Planned(plan, now)
	return from.View, plan
}

// follow brings the book up to date, and returns what it was brought up to date with. What drivers want and who is left
// out is taken first, so that what changes meanwhile is taken in the next cycle.
func (p *Placement) follow(now time.Time) proposal.Source {
	ids := append(p.cfg.Demands.TakeNews(), p.aside.take()...)
	record, filled := p.book.Record()
	view, changes, known := p.cfg.Door.ChangesSince(record)
	from := p.source(view, now)
	if filled && known {
		p.book.Follow(from, proposal.Changed{Rows: changes, IDs: ids})
	} else {
		p.fill(from)
	}
	return from
}

// source is what the book, and one made anew, are made from.
func (p *Placement) source(view *state.View, now time.Time) proposal.Source {
	return proposal.Source{
		View:       view,
		Now:        now,
		Demands:    p.cfg.Demands,
		Avoided:    p.avoided(now),
		Limits:     p.cfg.Limits,
		MaxWorkers: maxWorkers,
		Patience:   patience,
		Aside:      p.aside.until,
		Guard:      p.guard(now),
	}
}

// avoided returns which nodes an application avoids. It says the same of an application whenever it is asked, so that
// what the book is compared with is made from the same.
func (p *Placement) avoided(now time.Time) func(application string) []string {
	known := map[string][]string{}
	return func(application string) []string {
		nodes, ok := known[application]
		if !ok {
			nodes = p.cfg.Avoided.Nodes(application, now)
			known[application] = nodes
		}
		return nodes
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
