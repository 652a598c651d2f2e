package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func jobRunCommand(env Env) *cobra.Command {
	c := parent("job-run", "Job runs: submissions to an application")
	c.Aliases = []string{"run"}
	s := newShared(env, c)
	c.AddCommand(
		s.onApplication(startJobRun(s)),
		s.onJobRun(cloneJobRun(s)),
		s.onJobRun(retryJobRun(s)),
		s.onJobRun(getJobRun(s)),
		s.onJobRun(listAttempts(s)),
		s.onApplication(listJobRuns(s)),
		s.onJobRun(cancelJobRun(s)),
		s.onJobRun(readLogs(s)),
		s.onJobRun(waitJobRun(s)),
		s.onJobRun(explainJobRun(s)),
		s.onJobRun(showUI(s)),
	)
	return c
}

// details is everything that is known of a run.
type details struct {
	run      *controlv1.GetJobRunResponse
	attempt  uint32 // the one that was asked for; 0: the newest
	attempts []*controlv1.Attempt
	workers  []*controlv1.Worker
	now      *controlv1.ExplainJobRunResponse // what it does; nil: it is over, or nobody can say it
}

func getJobRun(s *shared) *cobra.Command {
	var attempt uint32
	c := &cobra.Command{
		Use:   "get [APPLICATION] JOB_RUN",
		Args:  takesRun,
		Short: "Show a job run with its attempts, workers, settings and what it used",
		Long: "Show a job run with its attempts, workers, settings and what it used. --output yaml writes it as a\n" +
			"file with which headrace apply starts the same again, once. Values that look like secrets are\n" +
			"written as (hidden); write them into the file before you apply it.",
		Example: "  headrace job-run get 01j0a...\n" +
			"  headrace job-run get 01j0a... --output yaml > nightly.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get job run"
			return s.withDocuments().call(doing, func(cl *client.Client) error {
				if s.format == "yaml" {
					return fail(doing, s.printDocument(jobRunDocument(c.Context(), cl, args[0], args[1])))
				}
				d, err := readDetails(c.Context(), cl, args[0], args[1], attempt)
				if err != nil {
					return fail(doing, err)
				}
				if s.format == "json" {
					return d.writeJSON(s)
				}
				return d.write(s)
			})
		},
	}
	c.Flags().Uint32Var(&attempt, "attempt", 0, "show this attempt and its workers; 0: all")
	return c
}

func readDetails(ctx context.Context, cl *client.Client, application, run string,
	attempt uint32,
) (d details, err error) {
	d.attempt = attempt
	request := &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run, Attempt: attempt}
	if d.run, err = jobRuns(cl).GetJobRun(ctx, request); err != nil {
		return d, err
	}
	if attempt == 0 && !over(d.run.GetJobRun().GetState()) {
		explain := &controlv1.ExplainJobRunRequest{ApplicationId: application, JobRunId: run}
		d.now, _ = jobRuns(cl).ExplainJobRun(ctx, explain) // all else is known without it
	}
	if attempt == 0 {
		d.attempts, d.workers, err = Parts(ctx, cl, application, run)
		return d, err
	}
	if one := d.run.GetAttempt(); one != nil {
		d.attempts = []*controlv1.Attempt{one}
	}
	d.workers, err = allWorkers(ctx, cl, application, run, attempt)
	return d, err
}

// jobRunDocument returns the document of a run that the caller may read.
func jobRunDocument(ctx context.Context, cl *client.Client, application, run string) (manifest.Document, error) {
	request := &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run}
	answer, err := jobRuns(cl).GetJobRun(ctx, request)
	if err != nil {
		return nil, err
	}
	if err := hiddenJobRun(answer.GetJobRun()); err != nil {
		return nil, err
	}
	return manifest.JobRunOf(answer.GetJobRun()), nil
}

// Parts returns the attempts of a run, oldest first, and its workers, ordered by attempt and number.
func Parts(ctx context.Context, cl *client.Client,
	application, run string,
) (attempts []*controlv1.Attempt, workers []*controlv1.Worker, err error) {
	if attempts, err = allAttempts(ctx, cl, application, run); err != nil {
		return nil, nil, err
	}
	workers, err = allWorkers(ctx, cl, application, run, 0)
	return attempts, workers, err
}

func allAttempts(ctx context.Context, cl *client.Client, application, run string) ([]*controlv1.Attempt, error) {
	return pages(0, func(token string) ([]*controlv1.Attempt, string, error) {
		page, err := jobRuns(cl).ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{
			ApplicationId: application,
			JobRunId:      run,
			NextToken:     token,
		})
		return page.GetAttempts(), page.GetNextToken(), err
	})
}

// allWorkers returns the workers of an attempt; 0: of all.
func allWorkers(ctx context.Context, cl *client.Client, application, run string,
	attempt uint32,
) ([]*controlv1.Worker, error) {
	return pages(0, func(token string) ([]*controlv1.Worker, string, error) {
		request := &controlv1.ListWorkersRequest{
			ApplicationId: application,
			JobRunId:      run,
			Attempt:       attempt,
			NextToken:     token,
		}
		page, err := jobRuns(cl).ListWorkers(ctx, request)
		return page.GetWorkers(), page.GetNextToken(), err
	})
}

// doing says how far what a run does is; empty: nobody knows.
func doing(e *controlv1.ExplainJobRunResponse) string {
	if text := stages(e.GetSpark()); text != "" || len(e.GetCopies()) == 0 {
		return text
	}
	return e.GetMessage()
}

func (d details) writeJSON(s *shared) error {
	var parts output.JSONParts
	if err := parts.Add("job_run", d.run.GetJobRun()); err != nil {
		return err
	}
	if spark := d.now.GetSpark(); spark != nil {
		if err := parts.Add("spark", spark); err != nil {
			return err
		}
	}
	if err := output.AddList(&parts, "attempts", d.attempts); err != nil {
		return err
	}
	if err := output.AddList(&parts, "workers", d.workers); err != nil {
		return err
	}
	return parts.Write(s.Out)
}

func (d details) write(s *shared) error {
	if err := writeJobRunDoing(s, d.run.GetJobRun(), doing(d.now)); err != nil {
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
