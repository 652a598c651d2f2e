package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// completeFor bounds how long the shell waits for what a cluster has.
const completeFor = 2 * time.Second

// The bounds of what the shell offers.
const (
	offered     = 50  // the newest runs; workers; access keys
	offeredMost = 200 // nodes and applications, the oldest
)

// offering returns what the shell may offer for a word that has begun.
type offering func(ctx context.Context, cl *client.Client, begun string) []cobra.Completion

// ask asks the cluster what to offer, for a short time. A cluster that does not answer has nothing to offer.
func (s *shared) ask(ctx context.Context, begun string, what offering) (offers []cobra.Completion) {
	ctx, cancel := context.WithTimeout(ctx, completeFor)
	defer cancel()
	_ = s.withDocuments().call("complete", func(cl *client.Client) error {
		offers = what(ctx, cl, begun)
		return nil
	})
	return offers
}

// offers makes the shell offer values for the first word of a command.
func (s *shared) offers(c *cobra.Command, what offering) *cobra.Command {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, begun string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.ask(c.Context(), begun, what), cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// completeFrom makes the shell offer what the cluster has as values of a flag.
func (s *shared) completeFrom(c *cobra.Command, flag string, what offering) {
	// The only error is a flag that is not there, which a test of the completion would show.
	_ = c.RegisterFlagCompletionFunc(flag, func(c *cobra.Command, _ []string, begun string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		return s.ask(c.Context(), begun, what), cobra.ShellCompDirectiveNoFileComp
	})
}

// completes makes the shell offer what a command may be about: the applications of the cluster, the newest runs, or the
// runs of an application that is named.
func (s *shared) completes(c *cobra.Command, n noun) {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, begun string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		offers := s.ask(c.Context(), begun, func(ctx context.Context, cl *client.Client, begun string) []cobra.Completion {
			return offersFor(ctx, cl, n, args, begun)
		})
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
}

// offersFor offers what begins with what stands there, for the word after others.
func offersFor(
	ctx context.Context, cl *client.Client, n noun, args []string, begun string,
) []cobra.Completion {
	filter := runFilter{idPrefix: begun}
	switch {
	case len(args) == 0 && n == anApplicationOnly:
		return offerApplications(ctx, cl, begun)
	case len(args) == 0: // runs are asked for first: they take one call, and applications may take all the time
		runs := runsOf(ctx, cl, filter)
		return append(offerApplications(ctx, cl, begun), runs...)
	case len(args) > 1 || n == anApplicationOnly:
		return nil
	}
	if filter.application, _ = (&finder{ctx: ctx, cl: cl}).applicationOf(args[0]); filter.application == "" {
		return nil
	}
	return runsOf(ctx, cl, filter)
}

func runsOf(ctx context.Context, cl *client.Client, filter runFilter) (offers []cobra.Completion) {
	all, _ := someJobRuns(ctx, cl, filter, offered)
	for _, r := range all.GetJobRuns() {
		offers = append(offers, offer(r.GetJobRunId(), r.GetSpec().GetName(), r.GetState()))
	}
	return offers
}

// offerJobRuns offers the newest runs of all applications.
func offerJobRuns(ctx context.Context, cl *client.Client, begun string) []cobra.Completion {
	return runsOf(ctx, cl, runFilter{idPrefix: begun})
}

// offerApplications offers applications by their ids and by their names.
func offerApplications(ctx context.Context, cl *client.Client, begun string) (offers []cobra.Completion) {
	return searched(func(token string) (more []cobra.Completion, next string, err error) {
		page, err := applications(cl).ListApplications(ctx, &controlv1.ListApplicationsRequest{NextToken: token})
		for _, a := range page.GetApplications() {
			name := a.GetSpec().GetName()
			if strings.HasPrefix(a.GetApplicationId(), begun) {
				more = append(more, offer(a.GetApplicationId(), name, a.GetState()))
			}
			if name != "" && strings.HasPrefix(name, begun) {
				more = append(more, offer(name, a.GetApplicationId(), a.GetState()))
			}
		}
		return more, page.GetNextToken(), err
	})
}

// searched returns offers of all pages, until there are enough. If a page does not come in time, it returns those of
// the pages before.
func searched(page func(token string) (offers []cobra.Completion, next string, err error)) (found []cobra.Completion) {
	_, _ = pages(offeredMost, func(token string) (more []cobra.Completion, next string, err error) {
		more, next, err = page(token)
		found = append(found, more...)
		return more, next, err
	})
	return found[:min(len(found), offeredMost)]
}

// offerReleases offers the labels of the releases that the cluster can run.
func offerReleases(ctx context.Context, cl *client.Client, _ string) (offers []cobra.Completion) {
	answer, _ := cluster(cl).ListReleases(ctx, &controlv1.ListReleasesRequest{})
	for _, r := range answer.GetReleases() {
		if r.GetNotRunnable() == "" {
			offers = append(offers, offer(r.GetLabel(), sparkTitle(r), ""))
		}
	}
	return offers
}

func sparkTitle(r *controlv1.Release) string {
	if version := sparkVersion(r); version != "" {
		return "Spark " + version
	}
	return ""
}

func offer(value, title, state string) cobra.Completion {
	return cobra.CompletionWithDesc(output.Plain(value), output.Plain(strings.TrimSpace(title+" "+state)))
}
