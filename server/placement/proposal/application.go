package proposal

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// addApplications adds the owners of what was asked for, and the applications that miss pre-initialised slots.
func (b *builder) addApplications() {
	in := &b.proposal.Input
	asking := map[string]bool{}
	for i := range in.Waiting {
		asking[in.Waiting[i].Application] = true
	}
	for i := range in.Growing {
		asking[in.Growing[i].Application] = true
	}
	for application := range b.View.Applications("") {
		if asking[application.ID] || b.misses(application) && !b.leftOut(application.ID) {
			b.guard(application.ID, func() { b.addApplication(application) })
		}
	}
}

// misses says whether slots are to be reserved for an application.
func (b *builder) misses(application *state.Application) bool {
	return application.Prepares() && !b.memory.skips(application.ID, b.View) && short(b.View, application)
}

// short says whether an application has fewer slots than it is to have.
func short(view *state.View, application *state.Application) bool {
	counts := view.PoolCounts(application.ID)
	return slices.ContainsFunc(application.Initial, func(i state.InitialCapacity) bool {
		return counts[i.Type].Held < i.Count
	})
}

// addApplication adds an owner with its slots.
func (b *builder) addApplication(application *state.Application) {
	in := &b.proposal.Input
	in.Applications = append(in.Applications, b.applicationOf(application))
	for slot := range b.View.PoolOfApplication(application.ID) {
		in.Slots = append(in.Slots, slotOf(slot))
	}
}

// applicationOf returns an owner, with its pools unless the door has just refused them or the leader failed on them.
func (b *builder) applicationOf(application *state.Application) scheduler.Application {
	row := scheduler.Application{
		ID:     application.ID,
		Weight: application.Weight,
		Used:   b.View.UsedOfApplication(application.ID),
		Limit:  application.Limit,

		Priority: application.Priority,
	}
	if application.Prepares() && !b.memory.skips(application.ID, b.View) && !b.leftOut(application.ID) {
		row.Pools = b.pools(application)
	}
	return row
}

func slotOf(slot *state.Slot) scheduler.Slot {
	return scheduler.Slot{
		ID:          slot.ID,
		Application: slot.Application,
		Node:        slot.Node,
		Role:        scheduler.Role(slot.Type),
		Size:        slot.Size,
		Free:        slot.Free(),
	}
}

// pools returns the slots that an application is to have. While some are missing, nodes that could not prepare one are
// avoided.
func (b *builder) pools(application *state.Application) (pools []scheduler.Pool) {
	var avoid []string
	if b.Avoided != nil && short(b.View, application) {
		avoid = b.Avoided(application.ID)
	}
	for _, initial := range application.Initial {
		pools = append(pools, scheduler.Pool{
			Role:  scheduler.Role(initial.Type),
			Size:  initial.Size,
			Count: initial.Count,
			Needs: b.needs(application, application.Release, application.Nodes, avoid),
		})
	}
	return pools
}
