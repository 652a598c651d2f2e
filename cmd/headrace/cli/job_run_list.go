package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func listJobRuns(s *session) *cobra.Command {
	var states []string
	var most int
	c := &cobra.Command{Use: "list APPLICATION", Short: "List an application's job runs, newest first", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "list job runs"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := someJobRuns(c.Context(), cl, args[0], states, most)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeJobRuns(s, answer.GetJobRuns()) })
			})
		}}
	c.Flags().StringSliceVar(&states, "state", nil, "only these states, such as RUNNING; by default all")
	c.Flags().IntVar(&most, "max", 50, "at most so many; 0: all")
	return c
}

func someJobRuns(ctx context.Context, cl *client.Client, application string, states []string, most int) (*controlv1.ListJobRunsResponse, error) {
	all := &controlv1.ListJobRunsResponse{}
	rows, err := pages(most, func(token string) ([]*controlv1.JobRun, string, error) {
		page, err := jobRuns(cl).ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: application, NextToken: token, States: states})
		all.Record = page.GetRecord()
		return page.GetJobRuns(), page.GetNextToken(), err
	})
	all.JobRuns = rows
	return all, err
}

func writeJobRuns(s *session, rows []*controlv1.JobRun) error {
	t := output.Table{Columns: output.Columns("ID", "NAME", "STATE", ">ATTEMPT", ">WORKERS", ">AGE", ">RAN", "PROGRAM")}
	for _, r := range rows {
		t.Add(r.GetJobRunId(), r.GetName(), r.GetState(), strconv.Itoa(int(r.GetAttempt())), strconv.Itoa(int(r.GetLiveWorkers())),
			output.Age(s.Now(), r.GetCreatedAt()), output.Lasted(s.Now(), r.GetStartedAt(), r.GetEndedAt()), program(r))
	}
	return t.Write(s.Out)
}

func cancelJobRun(s *session) *cobra.Command {
	var grace int64
	var wait bool
	c := &cobra.Command{Use: "cancel APPLICATION JOB_RUN", Short: "Cancel a job run; it may be repeated", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "cancel job run"
			request := &controlv1.CancelJobRunRequest{ApplicationId: args[0], JobRunId: args[1]}
			if c.Flags().Changed("grace-seconds") {
				request.GraceSeconds = &grace
			}
			return s.call(doing, func(cl *client.Client) error {
				answer, err := jobRuns(cl).CancelJobRun(c.Context(), request)
				if err != nil {
					return fail(doing, err)
				}
				if wait {
					_, err := Watch(c.Context(), s.Env, cl, args[0], args[1])
					return fail(doing, err)
				}
				return s.print(answer, func() error { return say(s, "job run %s is %s\n", args[1], answer.GetJobRun().GetState()) })
			})
		}}
	c.Flags().Int64Var(&grace, "grace-seconds", 30, "seconds between the polite stop and the kill, 0 to 3600")
	c.Flags().BoolVar(&wait, "wait", false, "until it is over")
	return c
}

func explainJobRun(s *session) *cobra.Command {
	return &cobra.Command{Use: "explain APPLICATION JOB_RUN", Short: "Say what a job run waits for, and who holds it", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "explain job run"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := jobRuns(cl).ExplainJobRun(c.Context(), &controlv1.ExplainJobRunRequest{ApplicationId: args[0], JobRunId: args[1]})
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeExplanation(s, answer) })
			})
		}}
}

func writeExplanation(s *session, e *controlv1.ExplainJobRunResponse) error {
	waits := e.GetWaitsFor()
	if waits == "" {
		waits = "nothing"
	}
	var f output.Fields
	f.Add("State", e.GetState())
	f.Add("Waits for", waits)
	f.Add("Why", e.GetMessage())
	f.Add("Needs in one zone", output.Resources(e.GetNeeds()))
	if err := f.Write(s.Out); err != nil || len(e.GetHolders()) == 0 {
		return err
	}
	t := output.Table{Columns: output.Columns("HELD BY RUN", "APPLICATION", ">VCPU", ">MEMORY", ">DISK")}
	for _, h := range e.GetHolders() {
		t.Add(h.GetJobRunId(), h.GetApplicationId(), output.CPU(h.GetHolds()), output.Memory(h.GetHolds()), output.Disk(h.GetHolds()))
	}
	_ = say(s, "\n")
	return t.Write(s.Out)
}
