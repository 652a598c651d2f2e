package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// application returns a copy of a row that must be there.
func (a *applier) application(id string) state.Application {
	row := a.tx.View().Application(id)
	a.must(row != nil, "there is no application %s", id)
	return *row
}

func (a *applier) applicationCreated(e *eventv1.ApplicationCreated) {
	a.must(a.tx.View().Application(e.GetApplicationId()) == nil, "application %s is there already", e.GetApplicationId())
	row := wire.ApplicationOf(e.GetSpec())
	row.ID, row.CreatedBy, row.State = e.GetApplicationId(), e.GetCreatedBy(), state.ApplicationCreated
	row.Created, row.Updated, row.IdleSince = a.now, a.now, a.now
	a.tx.PutApplication(row)
}

func (a *applier) applicationStateChanged(e *eventv1.ApplicationStateChanged) {
	row := a.application(e.GetApplicationId())
	a.must(row.State == state.ApplicationState(e.GetFrom()), "application %s is %s, not %s", row.ID, row.State, e.GetFrom())
	row.State, row.StateDetails, row.Updated = state.ApplicationState(e.GetTo()), e.GetReason(), a.now
	row.StartAgain = e.GetStartAgain()
	if row.State == state.ApplicationStarted {
		row.IdleSince = a.now
	}
	a.tx.PutApplication(row)
}
