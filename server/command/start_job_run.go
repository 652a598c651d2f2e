package command

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// maxSubmission bounds an encoded submission, in bytes.
const maxSubmission = 256 << 10

// StartJobRun submits a run. Its Submission was validated in its shape by the caller.
type StartJobRun struct {
	Request       Request
	ApplicationID string
	Submission    *state.Submission
	Tags          map[string]string
	DriverSize    state.Size // of a PROCESS run
	WorkerSize    state.Size // of a PROCESS run
	CreatedBy     string

	JobRunID string // the result

	resolved *resolved
}

// resolved is what a submission's text means, on one release and over one application's settings.
type resolved struct {
	release       string
	configuration []state.Configuration
	shape         state.Shape
	err           error
}

// Resolve reads the submission's text before it comes to the door, where everybody would wait for it. The application is that of any
// view: if its settings are others by the time of the decision, they are read again.
func (c *StartJobRun) Resolve(application *state.Application) {
	if application == nil || engineOf(c.Submission) != application.Engine {
		return // the decision says so
	}
	c.resolved = &resolved{release: application.Release, configuration: application.Configuration}
	c.resolved.shape, c.resolved.err = shapeOf(application, c)
}

// shape is what was resolved before, if it is of these settings.
func (c *StartJobRun) shape(application *state.Application) (state.Shape, error) {
	if r := c.resolved; r != nil && r.release == application.Release && sameSlice(r.configuration, application.Configuration) {
		return r.shape, r.err
	}
	return shapeOf(application, c)
}

// sameSlice says whether two slices are one: rows share what did not change.
func sameSlice[E any](a, b []E) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// Decide accepts it, unless the request is a repetition: the run waits for its application to start, or for room.
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
	shape, err := c.shape(application)
	if err != nil {
		return nil, err
	}
	if err := checkFits(meta.Limits, application, shape); err != nil {
		return nil, err
	}
	if err := checkRunnable(application.Engine); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	c.submit(d, application, shape, meta)
	return d.Events(), nil
}

func (c *StartJobRun) submit(d *fsm.Draft, application *state.Application, shape state.Shape, meta Meta) {
	c.JobRunID = meta.IDs.NewID()
	submission := wire.Submission(c.Submission)
	submission.Tags = c.Tags
	d.Add(&eventv1.JobRunSubmitted{JobRunId: c.JobRunID, ApplicationId: application.ID, Submission: submission, Shape: wire.Shape(shape),
		ReleaseLabel: application.Release, CreatedBy: c.CreatedBy, Inherited: wire.Settings(inherited(application))})
	c.Request.complete(d, meta.Limits, c.JobRunID)
	switch {
	case application.State != state.ApplicationStarted:
		startApplication(d, application, cause{reason: "a job run was submitted", by: c.CreatedBy})
	case d.View().RunCounts(application.ID)[state.RunSubmitted] == 1: // itself: nobody is before it
		admitRun(d, c.JobRunID)
	}
}

// check holds that the application takes this run in the state that it is in.
func (c *StartJobRun) check(view *state.View, application *state.Application, limits Limits) error {
	if size := proto.Size(wire.Submission(c.Submission)); size > maxSubmission {
		return errs.Field("job_run", "cannot take a submission of %d bytes: the most is %d; put large inputs into files", size, maxSubmission)
	}
	if n := view.RunCounts(application.ID).Unfinished(); n >= limits.Unfinished {
		return errs.New(errs.Overloaded, "cannot take another job run: application %s has %d unfinished ones, and the most is %d; try again later", application.ID, n, limits.Unfinished)
	}
	if application.State != state.ApplicationStarted && !application.AutoStart {
		return errs.New(errs.WrongState, "cannot start a job run: application %s is %s and does not start by itself; start it first", application.ID, application.State)
	}
	if engine := engineOf(c.Submission); engine != application.Engine {
		return errs.Field("driver", "application %s is of engine %s and cannot run a %s driver", application.ID, application.Engine, engine)
	}
	if err := CheckTags("tags", c.Tags); err != nil {
		return err
	}
	if err := checkRelease(view, application.Engine, application.Release); err != nil {
		return err
	}
	return checkGates(application, c.Submission)
}

// inherited is what a run takes over from its application.
func inherited(application *state.Application) state.Settings {
	return state.Settings{Configuration: application.Configuration, Monitoring: application.Monitoring}
}

func engineOf(s *state.Submission) state.Engine {
	switch {
	case s.Spark != nil:
		return state.EngineSpark
	case s.Hive != nil:
		return state.EngineHive
	}
	return state.EngineProcess
}
