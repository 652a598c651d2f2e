package command

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// CreateApplication creates an application, which rests in CREATED. The caller has filled every default of its Spec and
// checked its shape.
type CreateApplication struct {
	Request   Request
	Spec      *specv1.Application
	CreatedBy string
	Operator  bool // who creates it may give it any priority

	ApplicationID string // the result
}

// Decide creates the application, unless the request is a repetition.
func (c *CreateApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	id, done, err := c.Request.repeated(view)
	c.ApplicationID = id
	if done || err != nil {
		return nil, err
	}
	if err := checkSpec(view, meta.Limits, c.Spec); err != nil {
		return nil, err
	}
	if err := mayGive(c.Spec.GetPriority(), state.DefaultPriority, c.CreatedBy, c.Operator); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	c.ApplicationID = meta.IDs.NewID()
	d.Add(&eventv1.ApplicationCreated{ApplicationId: c.ApplicationID, Spec: c.Spec, CreatedBy: c.CreatedBy})
	c.Request.complete(d, meta.Limits, c.ApplicationID)
	return d.Events(), nil
}

// StartApplication makes an application ready for work.
type StartApplication struct {
	ApplicationID string
	By            string // who asks for it
}

// Decide starts the application. If it starts or is started already, this is a success that changes nothing. If it is
// stopping, the request is remembered until it has stopped.
func (c *StartApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application, err := liveApplication(view, meta, c.ApplicationID)
	if err != nil {
		return nil, err
	}
	if !application.Prepares() {
		const what = "the pre-initialised workers of application %s"
		if err := checkQuota(meta.Limits, application.InitialTotal(), what, application.ID); err != nil {
			return nil, err
		}
	}
	d := draft(view, meta)
	startApplication(d, application, asked(c.By))
	return d.Events(), nil
}

// StopApplication releases what an application holds.
type StopApplication struct {
	ApplicationID string
	Force         bool   // cancel its unfinished runs first
	By            string // who asks for it

	More bool // the result: it has more runs and slots than one step takes, and it is to be decided again
}

// Decide stops the application; at once if nothing of it is unfinished.
func (c *StopApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application, err := liveApplication(view, meta, c.ApplicationID)
	if err != nil {
		return nil, err
	}
	if n := countUnfinished(view, application); n > 0 && !c.Force {
		return nil, errs.New(errs.WrongState,
			"cannot stop application %s: it has %d unfinished runs; cancel them, or stop with force",
			application.ID, n)
	}
	d := draft(view, meta)
	c.More = application.State != state.ApplicationStopped && stopApplication(d, meta.Limits, application, asked(c.By))
	return d.Events(), nil
}

// FinishStop goes on with the stop of an application that holds more free slots than one step released, if no other
// caller does.
type FinishStop struct {
	ApplicationID string
}

// Decide releases further slots, if the application still stops.
func (c *FinishStop) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if !Unreleased(view, view.Application(c.ApplicationID)) {
		return nil, nil
	}
	d := draft(view, meta)
	releaseSlots(d, meta.Limits, slices.Collect(view.PoolOfApplication(c.ApplicationID)), applicationStops)
	return d.Events(), nil
}

// Unreleased says whether an application, which may be nil, stops and holds free slots.
func Unreleased(view *state.View, application *state.Application) bool {
	if application == nil || application.State != state.ApplicationStopping {
		return false
	}
	for _, count := range view.PoolCounts(application.ID) {
		if count.Held > count.Taken {
			return true
		}
	}
	return false
}

// DeleteApplication ends an application, which must be CREATED or STOPPED.
type DeleteApplication struct {
	ApplicationID string
	By            string // who asks for it
}

// Decide ends the application; a repetition is a success.
func (c *DeleteApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application := view.Application(c.ApplicationID)
	if application != nil && application.State == state.ApplicationTerminated {
		return nil, nil
	}
	application, err := liveApplication(view, meta, c.ApplicationID)
	if err != nil {
		return nil, err
	}
	if application.State != state.ApplicationCreated && application.State != state.ApplicationStopped {
		return nil, errs.New(errs.WrongState, "cannot delete application %s: it is %s; stop it first",
			application.ID, application.State)
	}
	d := draft(view, meta)
	move(d, application.ID, state.ApplicationTerminated, cause{by: c.By, reason: by("deleted", c.By)})
	return d.Events(), nil
}

// liveApplication returns an application that is not deleted.
func liveApplication(view *state.View, meta Meta, id string) (*state.Application, error) {
	application := FindApplication(view, meta.Now, meta.Limits, id)
	if application == nil {
		return nil, errs.New(errs.NotFound, "there is no application %q", id)
	}
	if application.State == state.ApplicationTerminated {
		return nil, errs.New(errs.WrongState, "application %s is deleted", id)
	}
	return application, nil
}

// countUnfinished counts the runs that keep an application from stopping. If it is stopping, the runs that are being
// cancelled do not count.
func countUnfinished(view *state.View, application *state.Application) int {
	counts := view.RunCounts(application.ID)
	if application.State == state.ApplicationStopping {
		return counts.Unfinished() - counts[state.RunCancelling]
	}
	return counts.Unfinished()
}

// countWorking counts the runs that are neither over nor wait for the application to start.
func countWorking(view *state.View, application string) int {
	counts := view.RunCounts(application)
	return counts.Unfinished() - counts[state.RunSubmitted]
}
