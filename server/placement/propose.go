package placement

import (
	"context"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/placement/proposal"
)

// wish is a part of a plan on its way to the door: a placement, or a reservation of slots.
type wish struct {
	id     string // of the run, or of the application
	decide consensus.Decision
	placed *scheduler.Placement // nil for a reservation
	answer error
}

// wishesOf lists what a plan asks of the door.
func wishesOf(plan scheduler.Output) (wishes []*wish) {
	for _, reservation := range plan.Reservations {
		wishes = append(wishes, &wish{id: reservation.Application, decide: proposal.Reserve(reservation).Decide})
	}
	for i := range plan.Placements {
		placement := &plan.Placements[i]
		wishes = append(wishes, &wish{id: placement.Run, decide: proposal.Place(*placement).Decide, placed: placement})
	}
	return wishes
}

// propose sends every part of the plan to the door at once, so that they share a record, and waits for all answers. The plan was
// made on the state as of a record: what the door refuses on a newer one is planned again on that.
func (p *Placement) propose(ctx context.Context, at uint64, plan scheduler.Output, memory *proposal.Memory) {
	wishes := wishesOf(plan)
	var group sync.WaitGroup
	for _, w := range wishes {
		group.Go(func() { _, w.answer = p.cfg.Door.Execute(ctx, w.decide) })
	}
	group.Wait()
	for _, w := range wishes {
		p.note(w, at, memory)
	}
}

func (p *Placement) note(w *wish, at uint64, memory *proposal.Memory) {
	switch {
	case w.answer == nil && w.placed != nil:
		memory.Placed(*w.placed, time.Now())
	case errs.Is(w.answer, errs.Refused):
		p.refused.Add(1)
		memory.Refused(w.id, at)
		p.cfg.Log.Info("plan refused", "of", w.id, "reason", w.answer)
	case caught.Is(w.answer):
		p.aside.put(w.id, time.Now())
		p.cfg.Log.Error("plan not decided: leaving it out for a while", "of", w.id, "error", w.answer)
	case w.answer != nil && !errs.Is(w.answer, errs.Unknown) && !errs.Is(w.answer, errs.NotLeader):
		p.cfg.Log.Warn("plan not decided", "of", w.id, "error", w.answer)
	}
}
