package clusterfake

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Cluster is a small cluster that keeps applications and job runs. It has no nodes, so nothing ever runs. Use its
// Answer as that of a Server.
type Cluster struct {
	mu           sync.Mutex
	Applications []*controlv1.Application
	JobRuns      []*controlv1.JobRun
	record       uint64
	tokens       map[string]*controlv1.JobRun
}

// Answer answers the calls that commands make about applications, job runs and tags.
func (c *Cluster) Answer(call Call) (proto.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record++
	switch r := call.Request.(type) {
	case *controlv1.ListApplicationsRequest:
		return &controlv1.ListApplicationsResponse{Applications: c.called(r), Record: c.record}, nil
	case *controlv1.GetApplicationRequest:
		a, err := c.application(r.GetApplicationId())
		return &controlv1.GetApplicationResponse{Application: a, Record: c.record}, err
	case *controlv1.CreateApplicationRequest:
		return &controlv1.CreateApplicationResponse{Application: c.create(r)}, nil
	case *controlv1.UpdateApplicationRequest:
		a, err := c.update(r)
		return &controlv1.UpdateApplicationResponse{Application: a}, err
	case *controlv1.StopApplicationRequest:
		a, err := c.enter(r.GetApplicationId(), "STOPPED")
		return &controlv1.StopApplicationResponse{Application: a}, err
	case *controlv1.StartApplicationRequest:
		a, err := c.enter(r.GetApplicationId(), "STARTED")
		return &controlv1.StartApplicationResponse{Application: a}, err
	}
	return c.answerRuns(call)
}

func (c *Cluster) answerRuns(call Call) (proto.Message, error) {
	switch r := call.Request.(type) {
	case *controlv1.ListJobRunsRequest:
		rows, err := c.runsOf(r)
		return &controlv1.ListJobRunsResponse{JobRuns: rows, Record: c.record}, err
	case *controlv1.GetJobRunRequest:
		run, err := c.run(r.GetApplicationId(), r.GetJobRunId())
		return &controlv1.GetJobRunResponse{JobRun: run, Record: c.record}, err
	case *controlv1.ListJobRunAttemptsRequest:
		return &controlv1.ListJobRunAttemptsResponse{}, nil
	case *controlv1.ListWorkersRequest:
		return &controlv1.ListWorkersResponse{}, nil
	case *controlv1.StartJobRunRequest:
		if _, err := c.application(r.GetApplicationId()); err != nil {
			return nil, err
		}
		return &controlv1.StartJobRunResponse{JobRun: c.start(r), Record: c.record}, nil
	case *controlv1.DeleteApplicationRequest:
		_, err := c.enter(r.GetApplicationId(), "TERMINATED")
		return &controlv1.DeleteApplicationResponse{}, err
	case *controlv1.ListTagsRequest:
		tags, err := c.tags(r.GetApplicationId())
		return &controlv1.ListTagsResponse{Tags: tags}, err
	case *controlv1.TagResourceRequest:
		tags, err := c.tags(r.GetApplicationId())
		maps.Copy(tags, r.GetTags())
		return &controlv1.TagResourceResponse{Tags: tags}, err
	case *controlv1.UntagResourceRequest:
		tags, err := c.tags(r.GetApplicationId())
		for _, key := range r.GetTagKeys() {
			delete(tags, key)
		}
		return &controlv1.UntagResourceResponse{Tags: tags}, err
	}
	return nil, errs.New(errs.Invalid, "the cluster of the test has no %s", call.Method)
}

func (c *Cluster) application(id string) (*controlv1.Application, error) {
	for _, a := range c.Applications {
		if a.GetApplicationId() == id {
			return a, nil
		}
	}
	return nil, errs.New(errs.NotFound, "there is no application %q", id)
}

// create creates an application with the defaults of a real cluster.
func (c *Cluster) create(r *controlv1.CreateApplicationRequest) *controlv1.Application {
	a := &controlv1.Application{
		ApplicationId: fmt.Sprintf("01app%d", len(c.Applications)+1),
		Spec:          spec.DefaultApplication(r.GetSpec()),
		State:         "CREATED",
	}
	c.Applications = append(c.Applications, a)
	return a
}

// update changes what the request names, in CREATED and STOPPED only.
func (c *Cluster) update(r *controlv1.UpdateApplicationRequest) (*controlv1.Application, error) {
	a, err := c.application(r.GetApplicationId())
	if err != nil {
		return nil, err
	}
	if a.GetState() != "CREATED" && a.GetState() != "STOPPED" {
		return nil, errs.New(errs.WrongState, "cannot update application %s: it is %s", r.GetApplicationId(),
			a.GetState())
	}
	changed, err := spec.Replace(a.GetSpec(), r.GetSpec(), r.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	a.Spec = changed
	return a, nil
}

func (c *Cluster) enter(id, state string) (*controlv1.Application, error) {
	a, err := c.application(id)
	if err == nil {
		a.State = state
	}
	return a, err
}

// tags returns the tags of an application, which the caller may change.
func (c *Cluster) tags(id string) (map[string]string, error) {
	a, err := c.application(id)
	if err != nil {
		return map[string]string{}, err
	}
	if a.GetSpec().GetTags() == nil {
		a.Spec.SetTags(map[string]string{})
	}
	return a.GetSpec().GetTags(), nil
}

// called returns the applications with the name and the beginning of an id that a request names.
func (c *Cluster) called(r *controlv1.ListApplicationsRequest) (rows []*controlv1.Application) {
	for _, a := range c.Applications {
		if strings.HasPrefix(a.GetApplicationId(), r.GetIdPrefix()) &&
			(r.GetName() == "" || r.GetName() == a.GetSpec().GetName()) {
			rows = append(rows, a)
		}
	}
	return rows
}

// runsOf returns the runs of an application, or of all, newest first, without tags, as a real list has them.
func (c *Cluster) runsOf(r *controlv1.ListJobRunsRequest) (rows []*controlv1.JobRun, err error) {
	if r.GetApplicationId() != "" {
		if _, err := c.application(r.GetApplicationId()); err != nil {
			return nil, err
		}
	}
	for i := len(c.JobRuns) - 1; i >= 0; i-- {
		if run := c.JobRuns[i]; strings.HasPrefix(run.GetJobRunId(), r.GetIdPrefix()) &&
			(r.GetApplicationId() == "" || run.GetApplicationId() == r.GetApplicationId()) {
			row := proto.CloneOf(c.JobRuns[i])
			row.Spec.SetTags(nil)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (c *Cluster) run(application, id string) (*controlv1.JobRun, error) {
	for _, r := range c.JobRuns {
		if r.GetJobRunId() == id && r.GetApplicationId() == application {
			return r, nil
		}
	}
	return nil, errs.New(errs.NotFound, "there is no job run %q in application %q", id, application)
}

// start starts a run; once for a client token.
func (c *Cluster) start(r *controlv1.StartJobRunRequest) *controlv1.JobRun {
	if run := c.tokens[r.GetClientToken()]; run != nil {
		return run
	}
	run := &controlv1.JobRun{
		JobRunId:      fmt.Sprintf("01run%d", len(c.JobRuns)+1),
		ApplicationId: r.GetApplicationId(),
		Spec:          spec.DefaultJobRun(r.GetSpec()),
		State:         "SUBMITTED",
	}
	c.JobRuns = append(c.JobRuns, run)
	if c.tokens == nil {
		c.tokens = map[string]*controlv1.JobRun{}
	}
	c.tokens[r.GetClientToken()] = run
	return run
}
