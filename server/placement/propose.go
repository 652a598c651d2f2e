package placement

import (
	"context"
	"sync"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/placement/proposal"
)

// proposed is a part of a plan that is proposed to the door: a placement, an eviction, or a reservation of slots.
type proposed struct {
	id     string // of the run, or of the application
	decide consensus.Decision
	placed *scheduler.Placement // nil for a reservation, and for an eviction
	answer error
}

// proposedBy lists what a plan proposes.
func proposedBy(plan scheduler.Output) (all []*proposed) {
	for _, reservation := range plan.Reservations {
		all = append(all, &proposed{
			id:     reservation.Application,
			decide: proposal.Reserve(reservation).Decide,
		})
	}
	for _, eviction := range plan.Evictions {
		all = append(all, &proposed{id: eviction.Run, decide: proposal.Evict(eviction).Decide})
	}
	for i := range plan.Placements {
		placement := &plan.Placements[i]
		all = append(all, &proposed{
			id:     placement.Run,
			decide: proposal.Place(*placement).Decide,
			placed: placement,
		})
	}
	return all
}

// propose sends every part of the plan to the door at once, so that they share a record, and waits for all answers. The
// plan was made on the state at a record: if the door refuses a part on a newer one, that part is planned again on the
// newer one.
func (p *Placement) propose(ctx context.Context, at uint64, plan scheduler.Output, memory *proposal.Memory) {
	parts := proposedBy(plan)
	var group sync.WaitGroup
	for _, part := range parts {
		group.Go(func() { _, part.answer = p.cfg.Door.Execute(ctx, part.decide) })
	}
	group.Wait()
	for _, part := range parts {
		p.note(ctx, part, at, memory)
	}
}

// note remembers what the door answered to a part of a plan that was made on the state at a record.
func (p *Placement) note(ctx context.Context, part *proposed, at uint64, memory *proposal.Memory) {
	if part.placed != nil {
		ctx = logging.With(ctx, logging.Run, part.id)
	}
	switch {
	case part.answer == nil:
		if part.placed != nil {
			memory.Placed(*part.placed, p.cfg.Door.Now())
		}
	case errs.Is(part.answer, errs.Refused):
		p.refused.Add(1)
		memory.Refused(part.id, at)
		p.cfg.Log.InfoContext(ctx, "plan refused", "of", part.id, "reason", part.answer)
	case caught.Is(part.answer):
		p.aside.put(part.id, p.cfg.Door.Now())
		p.cfg.Log.ErrorContext(ctx, "plan not decided: leaving it out for a while", "of", part.id, "error", part.answer)
	case !errs.Is(part.answer, errs.Unknown) && !errs.Is(part.answer, errs.NotLeader):
		p.cfg.Log.WarnContext(ctx, "plan not decided", "of", part.id, "error", part.answer)
	}
}
