package cli

import (
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
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
		Example: "  headrace job-run clone 01hzy... 01j0a... --name again --conf spark.executor.memory=8g --wait",
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
				return b.submit(c, s, cl, doing, request)
			})
		},
	}
	b.bind(c)
	return c
}

// requestLike returns the request that submits a run like another one. It has no client token, and not the tag by
// which apply finds a run again: it is another run.
func requestLike(r *controlv1.JobRun) *controlv1.StartJobRunRequest {
	said := proto.CloneOf(r.GetSpec())
	delete(said.GetTags(), manifest.MarkTag)
	return &controlv1.StartJobRunRequest{ApplicationId: r.GetApplicationId(), Spec: said}
}
