package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func tagCommand(env Env) *cobra.Command {
	c := parent("tag", "Tags of applications and job runs")
	s := newShared(env, c)
	c.AddCommand(s.onResource(addTags(s)), s.onResource(removeTags(s)), s.onResource(listTags(s)))
	return c
}

// tagged is an answer that holds all tags of a resource.
type tagged interface {
	proto.Message
	GetTags() map[string]string
}

// tagging runs a command on the tags of a resource and shows them after it.
func tagging(s *shared, doing string,
	call func(context.Context, *client.Client, []string) (tagged, error),
) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return s.call(doing, func(cl *client.Client) error {
			answer, err := call(c.Context(), cl, args)
			if err != nil {
				return fail(doing, err)
			}
			return s.print(answer, func() error { return writeTags(s, answer.GetTags()) })
		})
	}
}

func addTags(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:     "add APPLICATION [JOB_RUN] KEY=VALUE...",
		Short:   "Add tags, or give them other values",
		Args:    atLeast(2, "APPLICATION", "KEY=VALUE"),
		Example: "  headrace tag add reports team=data cost=42",
		RunE: tagging(s, "add tags", func(ctx context.Context, cl *client.Client, args []string) (tagged, error) {
			run, words := resourceOf(args)
			labels, err := tags("tag", words)
			if err == nil && len(labels) == 0 {
				err = errs.Field("tag", "cannot add nothing: give KEY=VALUE...")
			}
			if err != nil {
				return nil, err
			}
			return resourceTags(cl).TagResource(ctx, &controlv1.TagResourceRequest{
				ApplicationId: args[0],
				JobRunId:      run,
				Tags:          labels,
			})
		}),
	}
}

func removeTags(s *shared) *cobra.Command {
	var keys []string
	c := &cobra.Command{
		Use:     "remove APPLICATION [JOB_RUN] [--key KEY...] [KEY=VALUE...]",
		Args:    atLeast(1, "APPLICATION"),
		Short:   "Remove tags by their keys; a key that is not there is no error",
		Example: "  headrace tag remove reports --key team --key cost",
		RunE: tagging(s, "remove tags", func(ctx context.Context, cl *client.Client, args []string) (tagged, error) {
			run, words := resourceOf(args)
			all := slices.Clone(keys)
			for _, word := range words {
				key, _, _ := strings.Cut(word, "=")
				all = append(all, key)
			}
			if len(all) == 0 {
				return nil, badFlag("key", "cannot remove nothing: give --key KEY")
			}
			return resourceTags(cl).UntagResource(ctx, &controlv1.UntagResourceRequest{
				ApplicationId: args[0],
				JobRunId:      run,
				TagKeys:       all,
			})
		}),
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "key of a tag; may be repeated")
	return c
}

func listTags(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "list APPLICATION [JOB_RUN]",
		Short: "Show the tags of an application or a job run",
		Args:  between(1, "APPLICATION", "JOB_RUN"),
		RunE: tagging(s, "list tags", func(ctx context.Context, cl *client.Client, args []string) (tagged, error) {
			run, _ := resourceOf(args)
			return resourceTags(cl).ListTags(ctx, &controlv1.ListTagsRequest{ApplicationId: args[0], JobRunId: run})
		}),
	}
}

// resourceOf splits what follows the application into the run, if one is named, and the words of the command.
func resourceOf(args []string) (run string, words []string) {
	if len(args) > 1 && !strings.Contains(args[1], "=") {
		return args[1], args[2:]
	}
	return "", args[1:]
}

func writeTags(s *shared, labels map[string]string) error {
	t := s.table("KEY", "~VALUE")
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		t.Add(key, labels[key])
	}
	return t.Write(s.Out)
}
