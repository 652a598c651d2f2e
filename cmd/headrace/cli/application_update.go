package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// removals are the flags of application update that remove a field.
var removals = []struct{ flag, beside, field, what string }{
	{"remove-initial-capacity", "initial-capacity", "initial_capacity", "hold no workers ready"},
	{"remove-maximum-capacity", "maximum-capacity", "maximum_capacity", "no limit for its workers together"},
	{"remove-max-concurrent-runs", "max-concurrent-runs", "scheduler", "no limit for runs at once"},
	{
		"remove-runtime-configuration", "runtime-configuration", "runtime_configuration",
		"no settings that its runs inherit",
	},
	{"remove-monitoring", "monitoring", "monitoring", "logs and metrics go where they go by default"},
}

// updateNames returns what the user of an update calls the fields of an application.
func updateNames(c *cobra.Command) fieldNames {
	names := applicationNames(c)
	names.flags = slices.Clone(names.flags)
	for _, r := range removals {
		names.flags = append(names.flags, fieldFlag{flag: r.flag, field: "spec." + r.field})
	}
	return names
}

func updateApplication(s *shared) *cobra.Command {
	a := &settings{}
	var request *controlv1.UpdateApplicationRequest
	var labels map[string]string
	c := &cobra.Command{
		Use:   "update APPLICATION",
		Short: "Change an application, which must be CREATED or STOPPED",
		Args:  Takes("APPLICATION"),
		Long: "Change an application, which must be CREATED or STOPPED. What no flag names stays as it is; what a\n" +
			"flag names is replaced whole: --initial-capacity replaces the workers of all types. Tags can be\n" +
			"added in every state; headrace tag remove takes them away.",
		Example: "  headrace application update reports --initial-capacity DRIVER=2:4vCPU,16GB,20GB \\\n" +
			"      --initial-capacity EXECUTOR=10:4vCPU,16GB\n" +
			"  headrace application update reports --maximum-capacity 400vCPU,1024GB --max-concurrent-runs 20\n" +
			"  headrace application update reports --remove-initial-capacity",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "update application"
			if request == nil { // once: the file of a flag may be a pipe
				var err error
				if request, labels, err = a.build(c); err != nil {
					return fail(doing, err)
				}
			}
			request.ApplicationId = args[0]
			return s.call(doing, func(cl *client.Client) error {
				updated, err := update(c.Context(), cl, request, labels)
				if err != nil {
					return failUpdate(doing, args[0], updateNames(c).rename(err))
				}
				answer := &controlv1.UpdateApplicationResponse{Application: updated}
				return s.print(answer, func() error { return writeApplication(s, updated) })
			})
		},
	}
	a.bind(c)
	s.completeFrom(c, "release", offerReleases)
	bindRemovals(c)
	return c
}

// bindRemovals adds the flags that remove a field.
func bindRemovals(c *cobra.Command) {
	for _, r := range removals {
		c.Flags().Bool(r.flag, false, r.what)
		c.MarkFlagsMutuallyExclusive(r.flag, r.beside)
	}
}

// build returns what the flags say, and the tags.
func (a *settings) build(c *cobra.Command) (*controlv1.UpdateApplicationRequest, map[string]string, error) {
	e, err := a.edit(c)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range removals {
		if said, _ := c.Flags().GetBool(r.flag); said {
			e.name(r.field)
		}
	}
	labels, err := tags("--tag", a.tags)
	if err != nil {
		return nil, nil, err
	}
	if len(e.mask) == 0 && len(labels) == 0 {
		return nil, nil, errs.New(errs.Invalid, "no flag names a change: --help lists the flags")
	}
	return &controlv1.UpdateApplicationRequest{
		ClientToken: a.token,
		Spec:        e.spec,
		UpdateMask:  &fieldmaskpb.FieldMask{Paths: e.mask},
	}, labels, nil
}

// update sends what there is to change, and the tags, and returns the application after it.
func update(ctx context.Context, cl *client.Client, r *controlv1.UpdateApplicationRequest,
	labels map[string]string,
) (*controlv1.Application, error) {
	if len(r.GetUpdateMask().GetPaths()) > 0 {
		answer, err := applications(cl).UpdateApplication(ctx, r)
		if err != nil || len(labels) == 0 {
			return answer.GetApplication(), err
		}
	}
	add := &controlv1.TagResourceRequest{ApplicationId: r.GetApplicationId(), Tags: labels}
	if _, err := resourceTags(cl).TagResource(ctx, add); err != nil {
		return nil, err
	}
	get := &controlv1.GetApplicationRequest{ApplicationId: r.GetApplicationId()}
	answer, err := applications(cl).GetApplication(ctx, get)
	return answer.GetApplication(), err
}

// failUpdate is fail for an update: in the wrong state it names the command that leads to the right one.
func failUpdate(doing, id string, err error) error {
	if errs.Is(err, errs.WrongState) && !strings.Contains(message(err), "application stop") {
		return &Failure{
			Doing: doing,
			Err:   err,
			Next:  "headrace application stop " + id + " --wait stops it, if it has no unfinished runs.",
		}
	}
	return fail(doing, err)
}
