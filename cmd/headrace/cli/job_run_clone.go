package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func cloneJobRun(s *shared) *cobra.Command {
	b := &startFlags{}
	c := &cobra.Command{
		Use:   "clone [APPLICATION] JOB_RUN [flags] [-- PROGRAM ARGUMENT...]",
		Args:  atLeast(1, "JOB_RUN"),
		Short: "Submit the same job run again",
		Long: "Submit the same job run again: program, arguments, parameters, settings, tags and limits are\n" +
			"those of the first one. Flags go over them; --conf adds to the parameters.",
		Example: "  headrace job-run clone 01j0a... --name again --conf spark.executor.memory=8g --wait",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "clone job run"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := jobRuns(cl).GetJobRun(c.Context(), &controlv1.GetJobRunRequest{
					ApplicationId: args[0],
					JobRunId:      args[1],
				})
				if err != nil {
					return fail(doing, err)
				}
				if err := hiddenJobRun(answer.GetJobRun()); err != nil {
					return fail(doing, err)
				}
				request := requestLike(answer.GetJobRun())
				if err := b.over(c, request, args[2:]); err != nil {
					return fail(doing, err)
				}
				// What the first run had is no file of this machine, whatever its name.
				programs := slices.DeleteFunc(localsOf(request.GetSpec()), func(p *local) bool { return !given(c, p.flag) })
				if err := readLocals(programs); err != nil {
					return fail(doing, err)
				}
				if err := uploadLocals(c.Context(), cl, programs); err != nil {
					return fail(doing, err)
				}
				return b.submit(c, s, cl, doing, request)
			})
		},
	}
	b.bind(c)
	return c
}

func retryJobRun(s *shared) *cobra.Command {
	b := &startFlags{}
	c := &cobra.Command{
		Use:   "retry [APPLICATION] JOB_RUN",
		Args:  takesRun,
		Short: "Submit a job run that is over again, as it was",
		Long: "Submit a job run that is over again, as it was. headrace job-run clone changes something of it, and\n" +
			"also takes one that is not over.",
		Example: "  headrace job-run retry - --wait",
		RunE: s.with("retry job run", func(c *cobra.Command, cl *client.Client, args []string) error {
			return b.retry(c, s, cl, args)
		}),
	}
	c.Flags().StringVar(&b.token, "client-token", "", "with the same token it is submitted once")
	c.Flags().BoolVar(&b.wait, "wait", false, "until it is over, with progress; the exit code says how it ended")
	bindQuiet(c, &b.quiet)
	return c
}

// retry submits a run again, if it is over.
func (b *startFlags) retry(c *cobra.Command, s *shared, cl *client.Client, args []string) error {
	const doing = "retry job run"
	get := &controlv1.GetJobRunRequest{ApplicationId: args[0], JobRunId: args[1]}
	answer, err := jobRuns(cl).GetJobRun(c.Context(), get)
	if err != nil {
		return err
	}
	before := answer.GetJobRun()
	if !over(before.GetState()) {
		const text = "job run %s is %s: wait until it is over, or headrace job-run clone submits another one beside it"
		return errs.New(errs.WrongState, text, before.GetJobRunId(), before.GetState())
	}
	if err := hiddenJobRun(before); err != nil {
		return err
	}
	request := requestLike(before)
	request.ClientToken = b.token
	return b.submit(c, s, cl, doing, request)
}

// requestLike returns the request that submits a run like another one. It has no client token, and not the tag by
// which apply finds a run again: it is another run.
func requestLike(r *controlv1.JobRun) *controlv1.StartJobRunRequest {
	said := proto.CloneOf(r.GetSpec())
	delete(said.GetTags(), manifest.MarkTag)
	return &controlv1.StartJobRunRequest{ApplicationId: r.GetApplicationId(), Spec: said}
}
