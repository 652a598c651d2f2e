package placement

import (
	"context"
	"time"

	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
)

// expireInterval is how often deadlines are looked at; they are minutes and hours.
const expireInterval = time.Second

// expire applies, once a second, what follows from time alone, and what was left over because it did not fit into one step.
func (p *Placement) expire(ctx context.Context) {
	ticker := time.NewTicker(expireInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			p.expireAt(ctx, now)
		}
	}
}

func (p *Placement) expireAt(ctx context.Context, now time.Time) {
	view := p.cfg.Door.View()
	for run := range view.Unfinished("") {
		if command.Overdue(view, run, now, p.cfg.Limits) {
			wait, _ := p.waits.get(run.ID)
			p.execute(ctx, (&command.ExpireJobRun{JobRunID: run.ID, Waits: wait.Message}).Decide)
		}
	}
	for application := range view.Applications("") {
		if command.Unadmitted(view, application) {
			p.execute(ctx, (&command.AdmitRuns{ApplicationID: application.ID}).Decide)
		}
		if command.Idle(view, application, now) {
			p.execute(ctx, (&command.StopIdleApplication{ApplicationID: application.ID}).Decide)
		}
		if command.Forgettable(view, application, now, p.cfg.Limits) {
			p.execute(ctx, (&command.ForgetApplication{ApplicationID: application.ID}).Decide)
		}
	}
	p.cfg.Demands.Forget(func(at demand.Attempt) bool {
		attempt := view.Attempt(at.Run, at.Number)
		return attempt == nil || attempt.State.Over()
	})
	p.cfg.Avoided.Forget(now)
}

// execute decides something that will be tried again in a second if it fails now.
func (p *Placement) execute(ctx context.Context, decide consensus.Decision) {
	if _, err := p.cfg.Door.Execute(ctx, decide); err != nil && ctx.Err() == nil {
		p.cfg.Log.Warn("deadline not applied; trying again", "error", err)
	}
}
