package command

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxSubmission bounds an encoded submission, in bytes.
const maxSubmission = 256 << 10

// StartJobRun submits a run. The caller has filled every default of its Spec and checked its shape.
type StartJobRun struct {
	Request       Request
	ApplicationID string
	Spec          *specv1.JobRun
	CreatedBy     string

	JobRunID string // the result

	resolved *resolved
}

// resolved is what a submission's text means over what an application decided.
type resolved struct {
	over      *specv1.Application
	meaning   meaning
	launch    *eventv1.Content // nil: the spec says it
	inherited *eventv1.Content // nil: nothing
	err       error
}

// Resolve reads the submission's text before the command comes to the door, where all others would wait for it. The
// application may be of any view: if its specification has changed when the command is decided, the text is read again.
func (c *StartJobRun) Resolve(application *state.Application) {
	if application == nil || engineOf(c.Spec) != application.Engine {
		return // the decision says so
	}
	c.resolved = resolve(application, c.Spec)
}

func resolve(application *state.Application, s *specv1.JobRun) *resolved {
	r := &resolved{over: application.Spec}
	if r.meaning, r.err = meaningOf(application, s); r.err == nil {
		r.launch = launched(r.meaning.launch)
		r.inherited = inheritance(inherited(application))
	}
	return r
}

// resolution returns what was resolved before, if the application's specification is still the same; else it resolves
// again.
func (c *StartJobRun) resolution(application *state.Application) *resolved {
	if c.resolved == nil || c.resolved.over != application.Spec {
		return resolve(application, c.Spec)
	}
	return c.resolved
}

// Decide accepts the run, unless the request is a repetition. The run then waits for its application to start, or for
// room.
func (c *StartJobRun) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	id, done, err := c.Request.repeated(view)
	c.JobRunID = id
	if done || err != nil {
		return nil, err
	}
	application, err := liveApplication(view, meta, c.ApplicationID)
	if err != nil {
		return nil, err
	}
	if err := c.check(view, application, meta.Limits); err != nil {
		return nil, err
	}
	r := c.resolution(application)
	if r.err != nil {
		return nil, r.err
	}
	if err := checkFits(meta.Limits, application, r.meaning.shape); err != nil {
		return nil, err
	}
	if err := checkRunnable(application.Engine); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	c.submit(d, application, r, meta)
	return d.Events(), nil
}

// submit adds the run, and starts its application or lets the run wait for room.
func (c *StartJobRun) submit(d *fsm.Draft, application *state.Application, r *resolved, meta Meta) {
	c.JobRunID = meta.IDs.NewID()
	d.Add(c.submitted(d.View(), application, r))
	c.Request.complete(d, meta.Limits, c.JobRunID)
	switch {
	case application.State != state.ApplicationStarted:
		startApplication(d, application, cause{reason: "a job run was submitted", by: c.CreatedBy})
	case d.View().RunCounts(application.ID)[state.RunSubmitted] == 1: // itself: nobody is before it
		admitRun(d, c.JobRunID)
	}
}

// submitted makes the event, with the contents that no run names yet.
func (c *StartJobRun) submitted(
	view *state.View, application *state.Application, r *resolved,
) *eventv1.JobRunSubmitted {
	submitted := &eventv1.JobRunSubmitted{
		JobRunId:      c.JobRunID,
		ApplicationId: application.ID,
		Spec:          c.Spec,
		Shape:         wire.Shape(r.meaning.shape),
		ReleaseLabel:  application.Release,
		CreatedBy:     c.CreatedBy,
		Priority:      wire.Priority(priorityOf(application, c.Spec)),
	}
	submitted.LaunchDigest = name(view, submitted, r.launch)
	submitted.InheritedDigest = name(view, submitted, r.inherited)
	return submitted
}

// check holds that the application takes this run in its state.
func (c *StartJobRun) check(view *state.View, application *state.Application, limits Limits) error {
	if size := proto.Size(c.Spec); size > maxSubmission {
		return errs.Field("spec", "cannot take a submission of %d bytes: the most is %d; put large inputs into files",
			size, maxSubmission)
	}
	if n := view.RunCounts(application.ID).Unfinished(); n >= limits.Unfinished {
		return errs.New(errs.Overloaded,
			"cannot take another job run: application %s has %d unfinished ones, and the most is %d; try again later",
			application.ID, n, limits.Unfinished)
	}
	if application.State != state.ApplicationStarted && !application.AutoStart {
		return errs.New(errs.WrongState,
			"cannot start a job run: application %s is %s and does not start by itself; start it first",
			application.ID, application.State)
	}
	if engine := engineOf(c.Spec); engine != application.Engine {
		return errs.Field("spec.driver", "application %s is of engine %s and cannot run a %s driver",
			application.ID, application.Engine, engine)
	}
	if err := checkRelease(view, application.Engine, application.Release); err != nil {
		return err
	}
	if err := checkPriority(application, c.Spec); err != nil {
		return err
	}
	return checkGates(application, c.Spec)
}

// inherited returns what a run inherits from its application, or nil if there is nothing.
func inherited(application *state.Application) *eventv1.Settings {
	if len(application.Spec.GetRuntimeConfiguration()) == 0 && !application.Spec.HasMonitoring() {
		return nil
	}
	return &eventv1.Settings{
		Configuration: application.Spec.GetRuntimeConfiguration(),
		Monitoring:    application.Spec.GetMonitoring(),
	}
}

func engineOf(s *specv1.JobRun) state.Engine {
	switch s.GetDriver().WhichDriver() {
	case specv1.JobDriver_SparkSubmit_case:
		return state.EngineSpark
	case specv1.JobDriver_Hive_case:
		return state.EngineHive
	}
	return state.EngineProcess
}
