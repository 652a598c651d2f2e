package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func startApplication(s *shared) *cobra.Command {
	var wait bool
	c := &cobra.Command{
		Use:   "start APPLICATION",
		Short: "Make an application ready for work",
		Args:  Takes("APPLICATION"),
		RunE: s.with("start application", func(c *cobra.Command, cl *client.Client, args []string) error {
			return s.start(c.Context(), cl, args, wait)
		}),
	}
	c.Flags().BoolVar(&wait, "wait", false, "until it is STARTED")
	return c
}

// start starts an application, and waits for it if wait is set.
func (s *shared) start(ctx context.Context, cl *client.Client, args []string, wait bool) error {
	const doing = "start application"
	answer, err := applications(cl).StartApplication(ctx,
		&controlv1.StartApplicationRequest{ApplicationId: args[0]})
	if err != nil {
		return err
	}
	return s.settle(ctx, cl, doing, answer.GetApplication(), wait, "STARTED", "TERMINATED")
}

func stopApplication(s *shared) *cobra.Command {
	var wait, force bool
	c := &cobra.Command{
		Use:   "stop APPLICATION",
		Short: "Release what an application holds",
		Args:  Takes("APPLICATION"),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "stop application"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := applications(cl).StopApplication(c.Context(), &controlv1.StopApplicationRequest{
					ApplicationId: args[0],
					Force:         force,
				})
				if err != nil {
					return fail(doing, err)
				}
				return s.settle(c.Context(), cl, doing, answer.GetApplication(), wait, "STOPPED", "TERMINATED")
			})
		},
	}
	c.Flags().BoolVar(&wait, "wait", false, "until it is STOPPED")
	c.Flags().BoolVar(&force, "force", false, "cancel its unfinished runs first")
	return c
}

func deleteApplication(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "delete APPLICATION",
		Short: "End an application, which must be CREATED or STOPPED",
		Args:  Takes("APPLICATION"),
		RunE:  s.with("delete application", s.delete),
	}
}

// delete ends an application.
func (s *shared) delete(c *cobra.Command, cl *client.Client, args []string) error {
	answer, err := applications(cl).DeleteApplication(c.Context(),
		&controlv1.DeleteApplicationRequest{ApplicationId: args[0]})
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return say(s, "application %s is deleted\n", args[0]) })
}

func say(s *shared, format string, args ...any) error { return output.Print(s.Out, format, args...) }

// settle prints an application; if wait is set, once it is in one of the states. Reaching another one than the first is
// an error.
func (s *shared) settle(ctx context.Context, cl *client.Client, doing string, a *controlv1.Application, wait bool,
	states ...string,
) error {
	if wait {
		var err error
		id := a.GetApplicationId()
		if a, err = s.awaitApplication(ctx, cl, id, states...); err != nil {
			s.tellInterrupted(ctx, "application %s goes on to be %s; headrace application get %s shows how far it is", id,
				states[0], id)
			return fail(doing, err)
		}
		if a.GetState() != states[0] {
			return fail(doing,
				errs.New(
					errs.WrongState,
					"application %s is %s: %s",
					a.GetApplicationId(),
					a.GetState(),
					a.GetStateDetails(),
				))
		}
	}
	answer := &controlv1.GetApplicationResponse{Application: a}
	return s.print(answer, func() error { return say(s, "application %s is %s\n", a.GetApplicationId(), a.GetState()) })
}

// awaitApplication follows an application until it is in one of the states, and shows its slots on the error stream as
// they get ready.
func (s *shared) awaitApplication(ctx context.Context, cl *client.Client, id string,
	states ...string,
) (*controlv1.Application, error) {
	var a *controlv1.Application
	p := &readiness{progress: newProgress(s.Env)}
	defer p.end()
	err := cl.Follow(ctx, client.Follow{
		Filter: &controlv1.WatchEventsRequest{ApplicationId: id},
		Read: func(ctx context.Context) (uint64, bool, error) {
			answer, err := applications(cl).GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: id})
			if err != nil {
				return 0, false, err
			}
			a = answer.GetApplication()
			p.show(s.Now(), a)
			return answer.GetRecord(), slices.Contains(states, a.GetState()), nil
		},
		// Events of slots only say that there is something new to read.
		Event: func(e *controlv1.WatchEventsResponse) bool {
			return e.GetKind() == "ApplicationStateChanged" && slices.Contains(states, e.GetState()) ||
				strings.HasPrefix(e.GetKind(), "Slots")
		},
	})
	return a, err
}
