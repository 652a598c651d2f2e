package cli

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// browsers are programs that open a link where people look, the first one that is there.
var browsers = [...]string{"xdg-open", "open", "wslview"}

func showUI(s *shared) *cobra.Command {
	request := &controlv1.GetJobRunUIRequest{}
	open := false
	c := &cobra.Command{
		Use:   "ui [APPLICATION] JOB_RUN",
		Short: "Print a link to the Spark UI of a job run, or open it: live while it runs, its history afterwards",
		Args:  takesRun,
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get the Spark UI"
			request.ApplicationId = args[0]
			request.JobRunId = args[1]
			return s.call(doing, func(cl *client.Client) error {
				answer, err := jobRuns(cl).GetJobRunUI(c.Context(), request)
				if err != nil {
					return fail(doing, err)
				}
				err = s.print(answer, func() error { return sayLink(s, answer) })
				if err != nil || !open {
					return err
				}
				return fail(doing, browse(c.Context(), answer.GetUrl()))
			})
		},
	}
	c.Flags().Uint32Var(&request.Attempt, "attempt", 0, "the attempt; 0: the newest")
	c.Flags().BoolVar(&open, "open", false, "open the link in a browser; whoever has it may look for an hour")
	return c
}

// sayLink prints a link alone, and beside the output what is to be known of its pages.
func sayLink(s *shared, answer *controlv1.GetJobRunUIResponse) error {
	if err := say(s, "%s\n", answer.GetUrl()); err != nil || answer.GetNote() == "" {
		return err
	}
	return output.Line(s.Err, "%s", answer.GetNote())
}

// browse opens a link where the person looks.
func browse(ctx context.Context, link string) error {
	for _, name := range browsers {
		if program, err := exec.LookPath(name); err == nil {
			return exec.CommandContext(ctx, program, link).Run()
		}
	}
	return fmt.Errorf("none of %v is on this machine: open the link by hand", browsers)
}
