package proposal

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// Place returns the command by which a placement of the plan is proposed.
func Place(p scheduler.Placement) *command.Place {
	return &command.Place{
		JobRunID:   p.Run,
		Attempt:    p.Attempt,
		Zone:       p.Zone,
		Driver:     p.Driver,
		DriverSlot: p.DriverSlot,
		Slots:      p.Slots,
		Shares:     shares(p.Shares),
	}
}

// Reserve returns the command by which a reservation of the plan is proposed.
func Reserve(r scheduler.Reservation) *command.ReserveSlots {
	return &command.ReserveSlots{ApplicationID: r.Application, Type: state.WorkerType(r.Role), Shares: shares(r.Shares)}
}

// Evict returns the command by which an eviction of the plan is proposed.
func Evict(e scheduler.Eviction) *command.EvictSlots {
	return &command.EvictSlots{JobRunID: e.Run, Attempt: e.Attempt, Slots: e.IDs}
}

func shares(planned []scheduler.Share) (shares []command.Share) {
	for _, share := range planned {
		shares = append(shares, command.Share{Node: share.Node, Count: share.Count})
	}
	return shares
}
