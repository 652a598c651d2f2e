package cli

import (
	"context"
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

func updateApplication(s *session) *cobra.Command {
	a := &settings{}
	c := &cobra.Command{Use: "update APPLICATION", Short: "Change an application, which must be CREATED or STOPPED", Args: cobra.ExactArgs(1),
		Long: "Change an application, which must be CREATED or STOPPED. What no flag names stays as it is; what one names is replaced whole:\n" +
			"--initial-capacity replaces the workers of all types. Tags can be added in every state; headrace tag remove takes them away.",
		Example: "  headrace application update 01hzy... --initial-capacity DRIVER=2:4vCPU,16GB,20GB --initial-capacity EXECUTOR=10:4vCPU,16GB\n" +
			"  headrace application update 01hzy... --maximum-capacity 400vCPU,1024GB --max-concurrent-runs 20\n" +
			"  headrace application update 01hzy... --remove-initial-capacity",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "update application"
			request, labels, err := a.build(c, args[0])
			if err != nil {
				return fail(doing, err)
			}
			return s.call(doing, func(cl *client.Client) error {
				updated, err := update(c.Context(), cl, request, labels)
				if err != nil {
					return failUpdate(doing, args[0], err)
				}
				answer := &controlv1.UpdateApplicationResponse{Application: updated}
				return s.print(answer, func() error { return writeApplication(s, updated) })
			})
		}}
	a.bind(c)
	for _, r := range removals {
		c.Flags().Bool(r.flag, false, r.what)
		c.MarkFlagsMutuallyExclusive(r.flag, r.beside)
	}
	return c
}

// build returns what the flags say, and the tags.
func (a *settings) build(c *cobra.Command, id string) (*controlv1.UpdateApplicationRequest, map[string]string, error) {
	w, err := a.wish(c)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range removals {
		if said, _ := c.Flags().GetBool(r.flag); said {
			w.name(r.field)
		}
	}
	labels, err := tags(a.tags)
	if err != nil {
		return nil, nil, err
	}
	if len(w.mask) == 0 && len(labels) == 0 {
		return nil, nil, errs.New(errs.Invalid, "no flag says what is to change: --help lists them")
	}
	return &controlv1.UpdateApplicationRequest{
		ApplicationId: id,
		ClientToken:   a.token,
		Spec:          w.spec,
		UpdateMask:    &fieldmaskpb.FieldMask{Paths: w.mask},
	}, labels, nil
}

// update sends what there is to change, and the tags, and returns the application after it.
func update(ctx context.Context, cl *client.Client, r *controlv1.UpdateApplicationRequest,
	labels map[string]string) (*controlv1.Application, error) {
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
		return &Failure{Doing: doing, Err: err, Next: "headrace application stop " + id + " --wait stops it, if it has no unfinished runs."}
	}
	return fail(doing, err)
}
