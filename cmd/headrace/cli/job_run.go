package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func jobRunCommand(env Env) *cobra.Command {
	c := parent("job-run", "Job runs: submissions to an application")
	c.Aliases = []string{"run"}
	s := newSession(env, c)
	c.AddCommand(startJobRun(s), getJobRun(s), listJobRuns(s), cancelJobRun(s), readLogs(s), waitJobRun(s), explainJobRun(s))
	return c
}

// details is everything that is known of a run.
type details struct {
	run      *controlv1.GetJobRunResponse
	attempts []*controlv1.Attempt
	workers  []*controlv1.Worker
}

func getJobRun(s *session) *cobra.Command {
	return &cobra.Command{Use: "get APPLICATION JOB_RUN", Short: "Show a job run with its attempts and workers", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get job run"
			return s.call(doing, func(cl *client.Client) error {
				d, err := readDetails(c.Context(), cl, args[0], args[1])
				if err != nil {
					return fail(doing, err)
				}
				if s.format == "json" {
					return d.writeJSON(s)
				}
				return d.write(s)
			})
		}}
}

func readDetails(ctx context.Context, cl *client.Client, application, run string) (d details, err error) {
	if d.run, err = jobRuns(cl).GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run}); err != nil {
		return d, err
	}
	d.attempts, d.workers, err = Parts(ctx, cl, application, run)
	return d, err
}

// Parts returns a run's attempts, oldest first, and its workers, by attempt and number.
func Parts(ctx context.Context, cl *client.Client, application, run string) (attempts []*controlv1.Attempt, workers []*controlv1.Worker, err error) {
	attempts, err = pages(0, func(token string) ([]*controlv1.Attempt, string, error) {
		page, err := jobRuns(cl).ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{ApplicationId: application, JobRunId: run, NextToken: token})
		return page.GetAttempts(), page.GetNextToken(), err
	})
	if err != nil {
		return nil, nil, err
	}
	workers, err = pages(0, func(token string) ([]*controlv1.Worker, string, error) {
		page, err := jobRuns(cl).ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: application, JobRunId: run, NextToken: token})
		return page.GetWorkers(), page.GetNextToken(), err
	})
	return attempts, workers, err
}

func (d details) writeJSON(s *session) error {
	var parts output.JSONParts
	if err := parts.Add("job_run", d.run.GetJobRun()); err != nil {
		return err
	}
	if err := output.AddList(&parts, "attempts", d.attempts); err != nil {
		return err
	}
	if err := output.AddList(&parts, "workers", d.workers); err != nil {
		return err
	}
	return parts.Write(s.Out)
}

func (d details) write(s *session) error {
	if err := writeJobRun(s, d.run.GetJobRun()); err != nil {
		return err
	}
	if len(d.attempts) > 0 {
		_ = say(s, "\n")
		if err := writeAttempts(s, d.attempts); err != nil {
			return err
		}
	}
	if len(d.workers) == 0 {
		return nil
	}
	_ = say(s, "\n")
	return writeWorkers(s, d.workers)
}

func writeJobRun(s *session, r *controlv1.JobRun) error {
	var f output.Fields
	f.Add("Job run", r.GetJobRunId())
	f.Add("Name", r.GetName())
	f.Add("Application", r.GetApplicationId())
	f.Add("State", r.GetState())
	f.Add("Why", r.GetStateDetails())
	f.Add("Failure", r.GetFailure().GetKind())
	f.Add("Attempt", strconv.Itoa(int(r.GetAttempt()))+attemptsAllowed(r))
	f.Add("Mode", r.GetMode())
	f.Add("Release", r.GetReleaseLabel())
	f.Add("Program", program(r))
	f.Add("Driver", output.Resources(r.GetDriverSize()))
	f.Add("Workers", workersAtStart(r))
	f.Add("Tags", pairs(r.GetTags()))
	f.Add("ARN", r.GetArn())
	f.Add("Submitted", output.Time(s.Now(), r.GetCreatedAt()))
	f.Add("Started", output.Time(s.Now(), r.GetStartedAt()))
	f.Add("Ended", output.Time(s.Now(), r.GetEndedAt()))
	f.Add("Ran", output.Lasted(s.Now(), r.GetStartedAt(), r.GetEndedAt()))
	return f.Write(s.Out)
}

func attemptsAllowed(r *controlv1.JobRun) string {
	if most := r.GetRetryPolicy().GetMaxAttempts(); most > 1 {
		return " of " + strconv.Itoa(int(most))
	}
	return ""
}

func workersAtStart(r *controlv1.JobRun) string {
	if r.GetInitialWorkers() == 0 {
		return ""
	}
	return strconv.Itoa(int(r.GetInitialWorkers())) + " at the start, each " + output.Resources(r.GetWorkerSize())
}

// program names what a run runs.
func program(r *controlv1.JobRun) string {
	switch {
	case r.GetSparkSubmit() != nil:
		return r.GetSparkSubmit().GetEntryPoint()
	case r.GetHive() != nil:
		return r.GetHive().GetQuery()
	case len(r.GetProcess().GetCommand()) > 0:
		return r.GetProcess().GetCommand()[0]
	}
	return ""
}

func writeAttempts(s *session, attempts []*controlv1.Attempt) error {
	t := output.Table{Columns: output.Columns(">ATTEMPT", "STATE", "ZONE", ">WAITED", ">STARTED IN", ">RAN", "FAILURE")}
	for _, a := range attempts {
		why := a.GetFailure().GetKind()
		if why != "" {
			why += ": " + a.GetFailure().GetMessage()
		}
		ran := a.GetEndedAt()
		t.Add(strconv.Itoa(int(a.GetAttempt())), a.GetState(), a.GetZone(), output.Lasted(s.Now(), a.GetCreatedAt(), first(a.GetScheduledAt(), ran)),
			output.Lasted(s.Now(), a.GetScheduledAt(), first(a.GetRunningAt(), ran)), output.Lasted(s.Now(), a.GetRunningAt(), ran), why)
	}
	return t.Write(s.Out)
}

// first returns the first value that is there.
func first[T any](values ...*T) *T {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}

func writeWorkers(s *session, workers []*controlv1.Worker) error {
	t := output.Table{Columns: output.Columns("TYPE", ">NUMBER", ">ATTEMPT", "STATE", "ZONE", "NODE", ">VCPU", ">MEMORY", ">RAN", "EXIT")}
	for _, w := range workers {
		t.Add(w.GetType(), strconv.Itoa(int(w.GetNumber())), strconv.Itoa(int(w.GetAttempt())), w.GetState(), w.GetZone(), w.GetNodeName(),
			output.CPU(w.GetSize()), output.Memory(w.GetSize()), output.Lasted(s.Now(), w.GetRunningAt(), w.GetEndedAt()), exit(w))
	}
	return t.Write(s.Out)
}

// exit says how a worker ended.
func exit(w *controlv1.Worker) string {
	switch {
	case w.GetExitReason() == "EXITED":
		return "EXITED " + strconv.Itoa(int(w.GetExitCode()))
	case w.GetExitMessage() != "":
		return w.GetExitReason() + ": " + w.GetExitMessage()
	}
	return w.GetExitReason()
}
