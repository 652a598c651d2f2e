package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// doer does the steps of a plan, one after another. An error leaves the steps before it done: applied again, the plan
// goes on.
type doer struct {
	s       *shared
	cl      *client.Client
	created map[string]string // ids of applications by name
}

func (d *doer) do(ctx context.Context, p *plan) error {
	d.created = map[string]string{}
	for _, step := range p.steps {
		if err := d.step(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.title(), err)
		}
	}
	return nil
}

func (d *doer) step(ctx context.Context, s *step) error {
	switch s.action {
	case actCreate:
		return d.create(ctx, s)
	case actUpdate:
		return d.update(ctx, s)
	case actRestart:
		return d.restart(ctx, s)
	case actStart:
		return d.start(ctx, s)
	}
	return nil
}

func (d *doer) create(ctx context.Context, s *step) error {
	answer, err := applications(d.cl).CreateApplication(ctx, s.application.Create())
	if err != nil {
		return manifest.Refusal(s.application.Spec, err)
	}
	s.id = answer.GetApplication().GetApplicationId()
	s.state = answer.GetApplication().GetState()
	d.created[s.name] = s.id
	return d.tell("application %s (%s) is created and %s\n", s.name, s.id, s.state)
}

func (d *doer) update(ctx context.Context, s *step) error {
	if s.update != nil {
		answer, err := applications(d.cl).UpdateApplication(ctx, s.update)
		if err != nil {
			return manifest.Refusal(s.application.Spec, err)
		}
		s.state = answer.GetApplication().GetState()
	}
	if err := d.retag(ctx, s); err != nil {
		return err
	}
	return d.tell("application %s (%s) is updated and %s\n", s.name, s.id, s.state)
}

// retag gives an application the tags of its file.
func (d *doer) retag(ctx context.Context, s *step) error {
	add := &controlv1.TagResourceRequest{ApplicationId: s.id, Tags: map[string]string{}}
	remove := &controlv1.UntagResourceRequest{ApplicationId: s.id}
	for _, c := range s.changes {
		if c.Field() != "tags" {
			continue
		}
		key := strings.TrimSuffix(strings.TrimPrefix(c.Path, "tags["), "]")
		if c.Op == manifest.Remove {
			remove.TagKeys = append(remove.TagKeys, key)
		} else {
			add.Tags[key] = s.application.Spec.GetTags()[key]
		}
	}
	if len(remove.TagKeys) > 0 {
		if _, err := resourceTags(d.cl).UntagResource(ctx, remove); err != nil {
			return err
		}
	}
	if len(add.Tags) == 0 {
		return nil
	}
	_, err := resourceTags(d.cl).TagResource(ctx, add)
	return err
}

// restart stops an application, updates it, and starts it again if it was started. If the update is refused it is
// started again too.
func (d *doer) restart(ctx context.Context, s *step) error {
	again := s.state == "STARTED" || s.state == "STARTING"
	stop := &controlv1.StopApplicationRequest{ApplicationId: s.id}
	if _, err := applications(d.cl).StopApplication(ctx, stop); err != nil {
		return err
	}
	stopped, err := d.s.awaitApplication(ctx, d.cl, s.id, "STOPPED", "TERMINATED")
	if err != nil {
		return err
	}
	if s.state = stopped.GetState(); s.state != "STOPPED" {
		return errs.New(errs.WrongState, "somebody else deleted it")
	}
	failed := d.update(ctx, s)
	if !again {
		return failed
	}
	answer, err := applications(d.cl).StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: s.id})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	s.state = answer.GetApplication().GetState()
	return d.tell("application %s (%s) is %s again\n", s.name, s.id, s.state)
}

func (d *doer) start(ctx context.Context, s *step) error {
	if s.owner == "" {
		s.owner = d.created[s.run.Application]
	}
	answer, err := jobRuns(d.cl).StartJobRun(ctx, s.run.Start(s.owner))
	if err != nil {
		return manifest.Refusal(s.run.Spec, err)
	}
	s.id = answer.GetJobRun().GetJobRunId()
	s.state = answer.GetJobRun().GetState()
	return d.tell("job run %s (%s) is %s\n", s.name, s.id, s.state)
}

// tell says what was done; in JSON the steps say it at the end.
func (d *doer) tell(format string, args ...any) error {
	if d.s.format == "json" {
		return nil
	}
	return say(d.s, format, args...)
}
