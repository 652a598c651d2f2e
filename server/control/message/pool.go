package message

import (
	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// pools shows the pre-initialised slots of an application, by type: also those that it still holds while it stops.
func pools(view *state.View, a *state.Application) (all []*controlv1.Pool) {
	for _, i := range a.Initial {
		pool := &controlv1.Pool{WorkerType: i.Type.String(), Wanted: int64(i.Count)}
		for slot := range view.PoolOfApplication(a.ID) {
			if slot.Type == i.Type {
				countSlot(view, pool, slot)
			}
		}
		all = append(all, pool)
	}
	return all
}

func countSlot(view *state.View, pool *controlv1.Pool, slot *state.Slot) {
	pool.Held++
	if slot.Ready {
		pool.Ready++
	}
	if slot.Worker != "" {
		pool.InUse++
	}
	if worker := view.Worker(slot.Worker); worker != nil && worker.Warm {
		pool.WarmInUse++
	}
}
