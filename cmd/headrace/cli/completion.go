package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
)

// completeFor bounds how long the shell waits for what a cluster has.
const completeFor = 2 * time.Second

// named makes the shell offer the applications of the cluster for a command's first argument, and the runs of it for a
// second one.
func (s *shared) named(c *cobra.Command) *cobra.Command {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, _ string) (
		[]cobra.Completion, cobra.ShellCompDirective) {
		var offers []cobra.Completion
		ctx, cancel := context.WithTimeout(c.Context(), completeFor)
		defer cancel()
		// A cluster that does not answer has nothing to offer.
		_ = s.withDocuments().call("complete", func(cl *client.Client) error {
			offers = offersFor(ctx, cl, args)
			return nil
		})
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

func offersFor(ctx context.Context, cl *client.Client, args []string) (offers []cobra.Completion) {
	switch len(args) {
	case 0:
		all, _ := allApplications(ctx, cl, nil, 0)
		for _, a := range all.GetApplications() {
			offers = append(offers, offer(a.GetApplicationId(), a.GetSpec().GetName(), a.GetState()))
		}
	case 1:
		all, _ := someJobRuns(ctx, cl, runFilter{application: args[0]}, 50)
		for _, r := range all.GetJobRuns() {
			offers = append(offers, offer(r.GetJobRunId(), r.GetSpec().GetName(), r.GetState()))
		}
	}
	return offers
}

func offer(id, name, state string) cobra.Completion {
	return cobra.CompletionWithDesc(output.Plain(id), output.Plain(name+" "+state))
}
