package command

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// UpdateApplication changes what a user decided about an application that rests.
type UpdateApplication struct {
	Request       Request
	ApplicationID string
	// Change returns what its users decide instead of what they decided. It must not change what it gets, which rows
	// share, and may run more than once. Its error is the caller's. Name and engine are not its to change, and tags
	// stay whatever it says.
	Change func(*specv1.Application) (*specv1.Application, error)
	By     string // who asks for it
	// Operator: who asks for it may give the application any priority.
	Operator bool
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
		return nil, errs.New(errs.WrongState,
			"cannot update application %s: it is %s, and only one that is CREATED or STOPPED can be changed; "+
				"stop it first",
			application.ID, application.State)
	}
	after, err := c.changed(view, meta.Limits, application)
	if after == nil || err != nil {
		return nil, err
	}
	if err := mayGive(after.GetPriority(), application.Priority, c.By, c.Operator); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	d.Add(&eventv1.ApplicationUpdated{ApplicationId: application.ID, Spec: after, UpdatedBy: c.By})
	c.Request.complete(d, meta.Limits, application.ID)
	return d.Events(), nil
}

// changed returns the application's specification after the change, or nil if nothing is different.
func (c *UpdateApplication) changed(
	view *state.View, limits Limits, application *state.Application,
) (*specv1.Application, error) {
	after, err := c.Change(application.Spec)
	if err != nil {
		return nil, err
	}
	after = spec.WithTags(after, application.Spec.GetTags()) // they have commands of their own
	if proto.Equal(application.Spec, after) {
		return nil, nil
	}
	if err := checkSame(application, after); err != nil {
		return nil, err
	}
	return after, checkSpec(view, limits, after)
}

// checkSame holds that an update does not change what an application keeps for ever.
func checkSame(application *state.Application, after *specv1.Application) error {
	const again = "for ever; create another application"
	switch before := application.Spec; {
	case after.GetEngine() != before.GetEngine():
		return errs.Field("spec.engine", "application %s is of engine %s %s", application.ID, application.Engine, again)
	case after.GetName() != before.GetName():
		return errs.Field("spec.name", "application %s has the name %q %s", application.ID, before.GetName(), again)
	}
	return nil
}
