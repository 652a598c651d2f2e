package placement

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/proposal"
)

// expireInterval is how often deadlines are looked at; they are minutes and hours.
const expireInterval = time.Second

// expire applies, once a second, what follows from time alone and what was left because it did not fit into one step.
func (p *Placement) expire(ctx context.Context) {
	p.deadlines = p.newDeadlines()
	every.Interval(ctx, expireInterval, func(time.Time) { p.expireAt(ctx, p.cfg.Door.Now()) })
}

// expireAt applies each deadline for itself. If one makes the leader panic, that one is left out for a while, and holds
// up no other.
func (p *Placement) expireAt(ctx context.Context, now time.Time) {
	view := p.followDeadlines()
	guard := p.guard(now)
	for _, run := range p.deadlines.Overdue(now, expireInterval) {
		if !p.aside.holds(run, now) {
			guard(run, func() { p.expireRun(ctx, run) })
		}
	}
	for application := range view.Applications("") {
		if !p.aside.holds(application.ID, now) {
			guard(application.ID, func() { p.expireApplication(ctx, view, application, now) })
		}
	}
	p.serviceNodes(ctx, view, guard, now)
	p.cfg.Demands.Forget(func(at demand.Attempt) bool {
		attempt := p.cfg.Door.View().Attempt(at.Run, at.Number) // it may have begun meanwhile
		return attempt == nil || attempt.State.Over()
	})
	p.cfg.Avoided.Forget(now)
	p.aside.forget(now)
}

// newDeadlines returns deadlines of which nothing is known yet.
func (p *Placement) newDeadlines() *proposal.Deadlines {
	return proposal.NewDeadlines(p.cfg.Limits, func(id string, work func()) { p.guard(p.cfg.Door.Now())(id, work) })
}

// followDeadlines brings the deadlines of runs up to date with the newest view, which it returns.
func (p *Placement) followDeadlines() *state.View {
	record, filled := p.deadlines.Record()
	view, changes, known := p.cfg.Door.ChangesSince(record)
	if filled && known {
		p.deadlines.Follow(view, changes)
	} else {
		p.deadlines.Fill(view)
	}
	return view
}

func (p *Placement) expireRun(ctx context.Context, run string) {
	wait, _ := p.wait(run)
	expire := &command.ExpireJobRun{JobRunID: run, Waits: wait.Message}
	p.execute(logging.With(ctx, logging.Run, run), run, expire.Decide)
}

func (p *Placement) expireApplication(
	ctx context.Context,
	view *state.View,
	application *state.Application,
	now time.Time,
) {
	if command.Unadmitted(view, application) {
		p.execute(ctx, application.ID, (&command.AdmitRuns{ApplicationID: application.ID}).Decide)
	}
	if command.Unreleased(view, application) {
		p.execute(ctx, application.ID, (&command.FinishStop{ApplicationID: application.ID}).Decide)
	}
	if command.Idle(view, application, now) {
		p.execute(ctx, application.ID, (&command.StopIdleApplication{ApplicationID: application.ID}).Decide)
	}
	if command.Forgettable(view, application, now, p.cfg.Limits) {
		p.execute(ctx, application.ID, (&command.ForgetApplication{ApplicationID: application.ID}).Decide)
	}
}

// execute decides something that will be tried again in a second if it fails now, or later if it panicked.
func (p *Placement) execute(ctx context.Context, id string, decide consensus.Decision) {
	_, err := p.cfg.Door.Execute(ctx, decide)
	switch {
	case err == nil || ctx.Err() != nil:
	case caught.Is(err):
		p.aside.put(id, p.cfg.Door.Now())
		p.cfg.Log.ErrorContext(ctx, "deadline not applied: leaving it out for a while", "of", id, "error", err)
	default:
		p.cfg.Log.WarnContext(ctx, "deadline not applied; trying again", "of", id, "error", err)
	}
}
