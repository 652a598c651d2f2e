package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// completeFor bounds how long the shell waits for what a cluster has.
const completeFor = 2 * time.Second

// offered bounds the runs that the shell offers; the newest ones.
const offered = 50

// completes makes the shell offer what a command may be about: the applications of the cluster, the newest runs, or the
// runs of an application that is named.
func (s *shared) completes(c *cobra.Command, n noun) {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, _ string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		var offers []cobra.Completion
		ctx, cancel := context.WithTimeout(c.Context(), completeFor)
		defer cancel()
		// A cluster that does not answer has nothing to offer.
		_ = s.withDocuments().call("complete", func(cl *client.Client) error {
			offers = offersFor(ctx, cl, n, args)
			return nil
		})
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
}

func offersFor(ctx context.Context, cl *client.Client, n noun, args []string) (offers []cobra.Completion) {
	var filter runFilter
	switch {
	case len(args) == 0:
		offers = offerApplications(ctx, cl)
	case len(args) == 1 && n != anApplicationOnly:
		filter.application, _ = (&finder{ctx: ctx, cl: cl}).applicationOf(args[0])
	}
	if n == anApplicationOnly || len(args) == 1 && filter.application == "" || len(args) > 1 {
		return offers
	}
	all, _ := someJobRuns(ctx, cl, filter, offered)
	for _, r := range all.GetJobRuns() {
		offers = append(offers, offer(r.GetJobRunId(), r.GetSpec().GetName(), r.GetState()))
	}
	return offers
}

func offerApplications(ctx context.Context, cl *client.Client) (offers []cobra.Completion) {
	all, _ := allApplications(ctx, cl, &controlv1.ListApplicationsRequest{}, 0)
	for _, a := range all.GetApplications() {
		offers = append(offers, offer(a.GetApplicationId(), a.GetSpec().GetName(), a.GetState()))
	}
	return offers
}

func offer(id, name, state string) cobra.Completion {
	return cobra.CompletionWithDesc(output.Plain(id), output.Plain(name+" "+state))
}
