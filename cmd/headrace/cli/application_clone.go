package cli

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func cloneApplication(s *shared) *cobra.Command {
	a := &settings{}
	var name string
	var quiet bool
	c := s.onApplication(&cobra.Command{
		Use:   "clone APPLICATION",
		Short: "Create an application with the settings of another one",
		Args:  Takes("APPLICATION"),
		Long: "Create an application with the settings and tags of another one; flags go over them.\n" +
			"Its runs are not copied.",
		Example: "  headrace application clone reports --name reports-test --release emr-7.2.0",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "clone application"
			return s.call(doing, func(cl *client.Client) error {
				request, err := likeApplication(c.Context(), cl, args[0])
				if err != nil {
					return fail(doing, err)
				}
				request.Spec.SetName(name)
				if err := a.over(c, request); err != nil {
					return fail(doing, err)
				}
				return create(c, s, cl, doing, request, quiet)
			})
		},
	})
	c.Flags().StringVar(&name, "name", "", "the name of the new one")
	bindQuiet(c, &quiet)
	a.bind(c)
	s.completeFrom(c, "release", offerReleases)
	_ = c.MarkFlagRequired("name")
	return c
}

// likeApplication returns the request that creates an application like another one.
func likeApplication(ctx context.Context, cl *client.Client, id string) (*controlv1.CreateApplicationRequest, error) {
	answer, err := applications(cl).GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: id})
	if err != nil {
		return nil, err
	}
	if err := hiddenApplication(answer.GetApplication()); err != nil {
		return nil, err
	}
	return &controlv1.CreateApplicationRequest{Spec: proto.CloneOf(answer.GetApplication().GetSpec())}, nil
}
