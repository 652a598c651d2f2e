package fsm

import (
	"maps"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// application returns a copy of a row that must be there.
func (a *applier) application(id string) state.Application {
	row := a.tx.View().Application(id)
	a.must(row != nil, "there is no application %s", id)
	return *row
}

func (a *applier) applicationCreated(e *eventv1.ApplicationCreated) {
	a.must(a.tx.View().Application(e.GetApplicationId()) == nil, "application %s is there already",
		e.GetApplicationId())
	row := state.Application{
		ID:        e.GetApplicationId(),
		State:     state.ApplicationCreated,
		CreatedBy: e.GetCreatedBy(),
		Created:   a.now,
		Updated:   a.now,
		IdleSince: a.now,
	}
	row.Decide(e.GetSpec())
	a.tx.PutApplication(row)
}

func (a *applier) applicationStateChanged(e *eventv1.ApplicationStateChanged) {
	row := a.application(e.GetApplicationId())
	a.must(row.State == state.ApplicationState(e.GetFrom()), "application %s is %s, not %s", row.ID, row.State,
		e.GetFrom())
	row.State = state.ApplicationState(e.GetTo())
	row.StateDetails = e.GetReason()
	row.Updated = a.now
	row.StartAgain = e.GetStartAgain()
	row.UpdatedBy = askedBy(e.GetChangedBy(), row.UpdatedBy)
	if row.State == state.ApplicationStarted {
		row.IdleSince = a.now
	}
	a.tx.PutApplication(row)
}

// applicationUpdated replaces what a user decided; tags have events of their own.
func (a *applier) applicationUpdated(e *eventv1.ApplicationUpdated) {
	row := a.application(e.GetApplicationId())
	a.must(row.State == state.ApplicationCreated || row.State == state.ApplicationStopped,
		"application %s is %s and cannot be updated", row.ID, row.State)
	row.Decide(spec.WithTags(e.GetSpec(), row.Spec.GetTags()))
	row.Updated = a.now
	row.UpdatedBy = askedBy(e.GetUpdatedBy(), row.UpdatedBy)
	a.tx.PutApplication(row)
}

func (a *applier) applicationTagged(e *eventv1.ApplicationTagged) {
	row := a.application(e.GetApplicationId())
	row.Spec = spec.WithTags(row.Spec, tagged(row.Spec.GetTags(), e.GetSet(), e.GetRemoved()))
	row.Updated = a.now
	row.UpdatedBy = askedBy(e.GetTaggedBy(), row.UpdatedBy)
	a.tx.PutApplication(row)
}

// askedBy is who last asked for a change: what the cluster does by itself nobody asked for.
func askedBy(now, before string) string {
	if now == "" {
		return before
	}
	return now
}

// tagged returns changed tags; rows are immutable, so the old ones stay as they are.
func tagged(tags, set map[string]string, removed []string) map[string]string {
	changed := map[string]string{}
	maps.Copy(changed, tags)
	maps.Copy(changed, set)
	for _, key := range removed {
		delete(changed, key)
	}
	if len(changed) == 0 {
		return nil
	}
	return changed
}
