package command

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// UpdateApplication changes what a user decided about an application that rests.
type UpdateApplication struct {
	Request       Request
	ApplicationID string
	// Change sets what is to be different. It gets a copy of the row, must not write into maps and slices of it but replace them,
	// and may run more than once. Its error is the caller's. Name, engine, tags and state are not its to change.
	Change func(*state.Application) error
	By     string // who asks for it
}

// Decide replaces the whole specification, unless the request is a repetition or nothing is different. What runs of the
// application inherited before stays as it was.
func (c *UpdateApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if _, done, err := c.Request.repeated(view); done || err != nil {
		return nil, err
	}
	application, err := liveApplication(view, meta, c.ApplicationID)
	if err != nil {
		return nil, err
	}
	if application.State != state.ApplicationCreated && application.State != state.ApplicationStopped {
		return nil, errs.New(errs.WrongState, "cannot update application %s: it is %s, and only one that is CREATED or STOPPED can be changed; stop it first",
			application.ID, application.State)
	}
	before, after, err := c.specs(application)
	if err != nil || proto.Equal(before, after) {
		return nil, err
	}
	changed := wire.ApplicationOf(after)
	if err := checkSpec(view, meta.Limits, &changed); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	d.Add(&eventv1.ApplicationUpdated{ApplicationId: application.ID, Spec: after, UpdatedBy: c.By})
	c.Request.complete(d, meta.Limits, application.ID)
	return d.Events(), nil
}

// specs returns what the user decided, now and after the change, without tags: these change by themselves.
func (c *UpdateApplication) specs(application *state.Application) (before, after *eventv1.ApplicationSpec, err error) {
	row := *application
	if err := c.Change(&row); err != nil {
		return nil, nil, err
	}
	switch {
	case row.Engine != application.Engine:
		return nil, nil, errs.Field("engine", "application %s is of engine %s for ever; create another application", application.ID, application.Engine)
	case row.Name != application.Name:
		return nil, nil, errs.Field("name", "application %s has the name %q for ever; create another application", application.ID, application.Name)
	}
	before, after = wire.ApplicationSpec(application), wire.ApplicationSpec(&row)
	before.Tags, after.Tags = nil, nil
	return before, after, nil
}
