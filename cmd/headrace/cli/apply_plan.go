package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The actions of steps.
const (
	actCreate  = "create"
	actUpdate  = "update"
	actRestart = "restart" // stop, update, start again
	actStart   = "start"
	actNone    = "unchanged"
)

// step is what apply does about one document.
type step struct {
	action  string
	kind    string
	name    string
	id      string // empty until it is created
	state   string
	note    string // why this action; may be empty
	changes []manifest.Change
	refused string // why it cannot be done; empty if it can

	application *manifest.ApplicationDocument
	update      *controlv1.UpdateApplicationRequest // nil: only tags change
	run         *manifest.JobRunDocument
	owner       string // of a run: the application's id; empty until that is created
}

// plan is what apply does, in order: applications before runs.
type plan struct {
	steps []*step
}

func (p *plan) unchanged() bool {
	return !slices.ContainsFunc(p.steps, func(s *step) bool { return s.action != actNone })
}

// refusal returns why the plan cannot be done; nil if it can.
func (p *plan) refusal() error {
	var reasons []string
	for _, s := range p.steps {
		if s.refused != "" {
			reasons = append(reasons, s.refused)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return errs.New(errs.WrongState, "nothing was changed:\n  %s", strings.Join(reasons, "\n  "))
}

// planner compares files with a cluster.
type planner struct {
	cl      *client.Client
	set     *manifest.Set
	restart bool
	live    []*controlv1.Application
}

func (p *planner) plan(ctx context.Context) (*plan, error) {
	all, err := allApplications(ctx, p.cl, &controlv1.ListApplicationsRequest{}, 0)
	if err != nil {
		return nil, err
	}
	p.live = all.GetApplications()
	done := &plan{}
	for _, d := range p.set.Applications {
		s, err := p.application(ctx, d)
		if err != nil {
			return nil, err
		}
		done.steps = append(done.steps, s)
	}
	for _, d := range p.set.JobRuns {
		s, err := p.jobRun(ctx, d)
		if err != nil {
			return nil, err
		}
		done.steps = append(done.steps, s)
	}
	return done, nil
}

// called returns the live applications of a name.
func (p *planner) called(name string) (found []*controlv1.Application) {
	for _, a := range p.live {
		if a.GetSpec().GetName() == name && a.GetState() != "TERMINATED" {
			found = append(found, a)
		}
	}
	return found
}

// ambiguous says that several applications have a name; where begins the text.
func ambiguous(where, name string, found []*controlv1.Application) error {
	var ids []string
	for _, a := range found {
		ids = append(ids, a.GetApplicationId())
	}
	return errs.Field(
		"name",
		"%scannot tell which application is meant: %s are all named %q; delete or leave out all but one",
		where,
		strings.Join(ids, ", "),
		name,
	)
}

// application plans one application.
func (p *planner) application(ctx context.Context, d *manifest.ApplicationDocument) (*step, error) {
	s := &step{kind: manifest.KindApplication, name: d.Name, application: d}
	found := p.called(d.Name)
	switch len(found) {
	case 0:
		s.action = actCreate
		s.changes = d.All()
		return s, missingSecrets(d, d.Keep(nil))
	case 1:
		return s, p.compare(ctx, s, found[0].GetApplicationId())
	}
	return nil, ambiguous(d.Where()+": ", d.Name, found)
}

// compare plans what makes an application of the cluster like its document.
func (p *planner) compare(ctx context.Context, s *step, id string) error {
	d := s.application
	answer, err := applications(p.cl).GetApplication(ctx,
		&controlv1.GetApplicationRequest{ApplicationId: id})
	if err != nil {
		return err
	}
	current := answer.GetApplication()
	if err := hiddenApplication(current); err != nil {
		return fmt.Errorf("%s: cannot compare it with the cluster: %w", d.Where(), err)
	}
	s.id = current.GetApplicationId()
	s.state = current.GetState()
	if err := missingSecrets(d, d.Keep(current.GetSpec())); err != nil {
		return err
	}
	s.changes = d.Compare(current.GetSpec())
	s.update = d.Update(s.id, current.GetSpec(), s.changes)
	p.decide(s, current)
	return nil
}

// missingSecrets says which values are hidden in a file and not known to the cluster.
func missingSecrets(d manifest.Document, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	return errs.Field("file",
		"%s: cannot know what is hidden at %s: write the value", d.Where(),
		strings.Join(paths, ", "))
}

// refuse says why an application cannot become like its document.
func (s *step) refuse(format string, args ...any) {
	s.refused = fmt.Sprintf("application %s (%s) ", s.name, s.id) + fmt.Sprintf(format, args...)
}

// decide says what an application's changes need.
func (p *planner) decide(s *step, current *controlv1.Application) {
	stopped := s.state == "CREATED" || s.state == "STOPPED"
	switch {
	case len(s.changes) == 0:
		s.action = actNone
	case slices.ContainsFunc(s.changes, func(c manifest.Change) bool { return c.Field() == "type" }):
		s.action = actUpdate
		s.refuse("keeps its type: delete it first, or give the new one another name")
	case s.update == nil || stopped:
		s.action = actUpdate
	case !p.restart:
		s.action = actUpdate
		s.note = "needs STOPPED, is " + s.state
		s.refuse("is %s, and its update needs CREATED or STOPPED: --restart stops it, updates it and starts it again",
			s.state)
	case current.GetUnfinishedRuns() > 0:
		s.action = actRestart
		s.note = "is " + s.state
		s.refuse("has %d unfinished runs and cannot be stopped: wait for them, "+
			"or headrace application stop %s --force cancels them", current.GetUnfinishedRuns(), s.id)
	default:
		s.action = actRestart
		s.note = "is " + s.state
	}
}
