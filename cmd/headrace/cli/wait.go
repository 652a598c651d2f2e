package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func waitJobRun(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "wait [APPLICATION] JOB_RUN",
		Short: "Wait until a job run is over",
		Long: "Wait until a job run is over, and show its progress.\n\n" +
			"The exit code is 0 for SUCCESS, 1 for FAILED and 2 for CANCELLED.",
		Args: takesRun,
		RunE: func(c *cobra.Command, args []string) error {
			return s.call("wait for job run", func(cl *client.Client) error {
				return s.finish(c.Context(), cl, args[0],
					args[1])
			})
		},
	}
}

// finish waits for a run, prints it, and says by its error that the run did not succeed.
func (s *shared) finish(ctx context.Context, cl *client.Client, application, run string) error {
	last, ended := s.await(ctx, cl, application, run)
	if last == nil {
		return ended
	}
	answer := &controlv1.GetJobRunResponse{JobRun: last}
	if err := s.print(answer, func() error { return writeJobRun(s, last) }); err != nil {
		return err
	}
	return ended
}

// await waits for a run, and returns it as it ended. Its error says that the run did not succeed; without a run, that
// the wait failed.
func (s *shared) await(ctx context.Context, cl *client.Client, application, run string) (*controlv1.JobRun, error) {
	last, err := Watch(ctx, s.Env, cl, application, run)
	if err != nil {
		s.tellInterrupted(ctx, "job run %s goes on; headrace job-run wait %s follows it, headrace job-run cancel %s ends it",
			run, run, run)
		return nil, fail("wait for job run", err)
	}
	if last.GetState() != "SUCCESS" {
		return last, &Ended{Run: run, State: last.GetState(), Why: last.GetStateDetails()}
	}
	return last, nil
}

// tellInterrupted says, if the user ended a wait, what goes on without it, and which commands follow and end that.
func (s *shared) tellInterrupted(ctx context.Context, format string, args ...any) {
	if ctx.Err() != nil {
		_ = output.Line(s.Err, format, args...)
	}
}

// Watch follows a run by its events until the run is over, and shows on the error stream how it gets on, and why it
// waits.
func Watch(ctx context.Context, env Env, cl *client.Client, application, run string) (*controlv1.JobRun, error) {
	p := newProgress(env)
	defer p.end()
	defer p.tellReasons(ctx, cl, application, run)()
	var last *controlv1.JobRun
	err := cl.Follow(ctx, client.Follow{
		Filter: &controlv1.WatchEventsRequest{JobRunId: run},
		Read: func(ctx context.Context) (uint64, bool, error) {
			answer, err := jobRuns(cl).GetJobRun(ctx, &controlv1.GetJobRunRequest{
				ApplicationId: application,
				JobRunId:      run,
			})
			if err != nil {
				return 0, false, err
			}
			last = answer.GetJobRun()
			p.state(last)
			return answer.GetRecord(), over(last.GetState()), nil
		},
		Event: func(e *controlv1.WatchEventsResponse) bool {
			p.event(e)
			return e.GetKind() == "JobRunEnded"
		},
	})
	return last, err
}

func over(state string) bool {
	return slices.Contains([]string{"SUCCESS", "FAILED", "CANCELLED"}, state)
}
