package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// small is the size of a program that does nothing much.
var small = specv1.ProcessSize_builder{
	MilliCpu:  new(int64(500)),
	MemoryMib: new(int64(256)),
	DiskMib:   new(int64(1024)),
}.Build()

// applicationSpec is an application; of a release if it is of an engine that has some.
func applicationSpec(name string, engine specv1.Engine, release string) *specv1.Application {
	spec := specv1.Application_builder{Name: &name, Engine: &engine}.Build()
	if release != "" {
		spec.SetReleaseLabel(release)
	}
	return spec
}

// application creates an application.
func (c *cluster) application(engine specv1.Engine, release string) string {
	c.t.Helper()
	return c.create(applicationSpec("e2e", engine, release))
}

func (c *cluster) create(spec *specv1.Application) string {
	c.t.Helper()
	created, err := c.applications().CreateApplication(c.t.Context(), &controlv1.CreateApplicationRequest{Spec: spec})
	if err != nil {
		c.t.Fatal(err)
	}
	return created.GetApplication().GetApplicationId()
}

// applications is the service of applications.
func (c *cluster) applications() controlv1.ApplicationServiceClient {
	return controlv1.NewApplicationServiceClient(c.client)
}

// applicationNow reads an application.
func (c *cluster) applicationNow(id string) *controlv1.Application {
	c.t.Helper()
	got, err := c.applications().GetApplication(c.t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
	if err != nil {
		c.t.Fatal(err)
	}
	return got.GetApplication()
}

// script is a PROCESS run that is a shell script.
func script(text string) *specv1.JobRun {
	process := specv1.Process_builder{Command: []string{"/bin/sh", "-c", text}, DriverSize: small}.Build()
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: process}.Build()}.Build()
}

// retried has a run tried so often.
func retried(run *specv1.JobRun, attempts uint32) *specv1.JobRun {
	run.SetRetryPolicy(specv1.RetryPolicy_builder{MaxAttempts: &attempts}.Build())
	return run
}

// submit starts a run.
func (c *cluster) submit(application string, spec *specv1.JobRun) *controlv1.JobRun {
	c.t.Helper()
	started, err := c.runs().StartJobRun(c.t.Context(), requestIn(application, spec))
	if err != nil {
		c.t.Fatal(err)
	}
	return started.GetJobRun()
}

// requestIn is a request for a run in an application.
func requestIn(application string, spec *specv1.JobRun) *controlv1.StartJobRunRequest {
	return &controlv1.StartJobRunRequest{ApplicationId: application, Spec: spec}
}

func (c *cluster) runs() controlv1.JobRunServiceClient {
	return controlv1.NewJobRunServiceClient(c.client)
}

// get reads a run.
func (c *cluster) get(run *controlv1.JobRun) *controlv1.JobRun {
	c.t.Helper()
	got, err := c.runs().GetJobRun(c.t.Context(), &controlv1.GetJobRunRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return got.GetJobRun()
}

// ends waits until a run is over, in that state.
func (c *cluster) ends(run *controlv1.JobRun, state string, within time.Duration) *controlv1.JobRun {
	c.t.Helper()
	var last *controlv1.JobRun
	eventually(c.t, within, "run "+run.GetJobRunId()+" is over", func() error {
		last = c.get(run)
		if !over(last.GetState()) {
			return fmt.Errorf("it is %s: %s; workers %v", last.GetState(), last.GetStateDetails(), c.workers(run))
		}
		return nil
	})
	if last.GetState() != state {
		c.t.Errorf("the run ended %s, not %s: %s, %v", last.GetState(), state, last.GetStateDetails(), last.GetFailure())
		for _, stream := range []string{"stdout", "stderr"} {
			text, err := c.readLog(run, 0, stream)
			c.t.Logf("%s (%v): %s", stream, err, text[max(0, len(text)-6000):])
		}
		c.t.FailNow()
	}
	return last
}

func over(state string) bool { return state == "SUCCESS" || state == "FAILED" || state == "CANCELLED" }

// workers returns all workers of a run, of all attempts.
func (c *cluster) workers(run *controlv1.JobRun) []*controlv1.Worker {
	c.t.Helper()
	listed, err := c.runs().ListWorkers(c.t.Context(), &controlv1.ListWorkersRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return listed.GetWorkers()
}

// attempts returns the attempts of a run.
func (c *cluster) attempts(run *controlv1.JobRun) []*controlv1.Attempt {
	c.t.Helper()
	listed, err := c.runs().ListJobRunAttempts(c.t.Context(),
		&controlv1.ListJobRunAttemptsRequest{ApplicationId: run.GetApplicationId(), JobRunId: run.GetJobRunId()})
	if err != nil {
		c.t.Fatal(err)
	}
	return listed.GetAttempts()
}

// running waits until that many workers of a run run at once, and returns them; the driver is the first.
func (c *cluster) running(run *controlv1.JobRun, count int, within time.Duration) []*controlv1.Worker {
	c.t.Helper()
	var found []*controlv1.Worker
	eventually(c.t, within, fmt.Sprintf("%d workers run", count), func() error {
		found = nil
		for _, w := range c.workers(run) {
			if w.GetState() == "RUNNING" {
				found = append(found, w)
			}
		}
		if len(found) != count {
			return fmt.Errorf("the run is %v, its workers %v", c.get(run), c.workers(run))
		}
		return nil
	})
	for i, w := range found {
		if w.GetNumber() == 0 {
			found[0], found[i] = found[i], found[0]
		}
	}
	return found
}

// readLog reads the driver's log of an attempt; 0: the newest.
func (c *cluster) readLog(run *controlv1.JobRun, attempt uint32, stream string) (string, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	parts, err := c.runs().ReadLog(ctx, &controlv1.ReadLogRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
		Attempt:       attempt,
		Stream:        stream,
	})
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for {
		part, err := parts.Recv()
		if err != nil {
			return text.String(), err
		}
		text.Write(part.GetData())
	}
}

// output returns what the driver of a run wrote, through the command line.
func (c *cluster) output(run *controlv1.JobRun) string {
	c.t.Helper()
	return c.run("job-run", "logs", run.GetApplicationId(), run.GetJobRunId())
}

// events returns all events of a run that is over, from a record on.
func (c *cluster) events(run *controlv1.JobRun, from uint64) []*controlv1.WatchEventsResponse {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	stream, err := controlv1.NewClusterServiceClient(c.client).WatchEvents(ctx,
		&controlv1.WatchEventsRequest{From: &controlv1.Position{Record: from}, JobRunId: run.GetJobRunId()})
	if err != nil {
		c.t.Fatal(err)
	}
	var all []*controlv1.WatchEventsResponse
	for {
		event, err := stream.Recv()
		if err != nil {
			c.t.Fatalf("cannot watch after %d events: %v", len(all), err)
		}
		if all = append(all, event); event.GetKind() == "JobRunEnded" {
			return all
		}
	}
}

// file waits until a file is there with at least so many lines, and returns them.
func (c *cluster) file(path string, lines int, within time.Duration) []string {
	c.t.Helper()
	var all []string
	eventually(c.t, within, fmt.Sprintf("%s has %d lines", filepath.Base(path), lines), func() error {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		all = strings.Split(string(content), "\n")
		all = all[:len(all)-1] // what follows the last newline is no line yet
		if len(all) < lines {
			return fmt.Errorf("it has %d", len(all))
		}
		return nil
	})
	return all
}

// open lets the programs of testdata go on that wait in a directory.
func (c *cluster) open(dir string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		c.t.Fatal(err)
	}
}
