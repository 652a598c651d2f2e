package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// removals are the flags of application update that remove something.
var removals = []struct{ flag, what, beside string }{
	{"remove-initial-capacity", "hold no workers ready", "initial-capacity"},
	{"remove-maximum-capacity", "no limit for its workers together", "maximum-capacity"},
	{"remove-max-concurrent-runs", "no limit for runs at once", "max-concurrent-runs"},
	{"remove-runtime-configuration", "no settings that its runs inherit", "runtime-configuration"},
	{"remove-monitoring", "logs and metrics go where they go by default", "monitoring"},
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
	r, err := a.wish(c)
	if err != nil {
		return nil, nil, err
	}
	remove := map[string]func(){
		"remove-initial-capacity":      func() { r.InitialCapacity = &controlv1.InitialCapacityList{} },
		"remove-maximum-capacity":      func() { r.MaximumCapacity = &controlv1.Resources{} },
		"remove-max-concurrent-runs":   func() { r.Scheduler = &controlv1.SchedulerConfiguration{} },
		"remove-runtime-configuration": func() { r.RuntimeConfiguration = &controlv1.ConfigurationList{} },
		"remove-monitoring":            func() { r.Monitoring = &controlv1.Monitoring{} },
	}
	for flag, do := range remove {
		if said, _ := c.Flags().GetBool(flag); said {
			do()
		}
	}
	labels, err := tags(a.tags)
	if err != nil {
		return nil, nil, err
	}
	if proto.Equal(r, &controlv1.UpdateApplicationRequest{ClientToken: r.ClientToken}) && len(labels) == 0 {
		return nil, nil, errs.New(errs.Invalid, "no flag says what is to change: --help lists them")
	}
	r.ApplicationId = id
	return r, labels, nil
}

// update sends what there is to change, and the tags, and returns the application after it.
func update(ctx context.Context, cl *client.Client, r *controlv1.UpdateApplicationRequest, labels map[string]string) (*controlv1.Application, error) {
	if !proto.Equal(r, &controlv1.UpdateApplicationRequest{ApplicationId: r.ApplicationId, ClientToken: r.ClientToken}) {
		answer, err := applications(cl).UpdateApplication(ctx, r)
		if err != nil || len(labels) == 0 {
			return answer.GetApplication(), err
		}
	}
	if _, err := resourceTags(cl).TagResource(ctx, &controlv1.TagResourceRequest{ApplicationId: r.ApplicationId, Tags: labels}); err != nil {
		return nil, err
	}
	answer, err := applications(cl).GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: r.ApplicationId})
	return answer.GetApplication(), err
}

// failUpdate is fail for an update: in the wrong state it names the command that leads to the right one.
func failUpdate(doing, id string, err error) error {
	if errs.Is(err, errs.WrongState) && !strings.Contains(message(err), "application stop") {
		return &Failure{Doing: doing, Err: err, Next: "headrace application stop " + id + " --wait stops it, if it has no unfinished runs."}
	}
	return fail(doing, err)
}
