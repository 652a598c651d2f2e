package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func exportCommand(env Env) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "export [APPLICATION...] [--all]",
		Short: "Write applications, by id or name, as a file that apply takes",
		Long: "Write applications, by id or name, as a file that headrace apply takes. Values that look like\n" +
			"secrets are written as (hidden); apply takes that for the value that the cluster has.",
		Example: "  headrace export reports > reports.yaml\n  headrace export --all | headrace apply -f - --diff",
	}
	s := newShared(env, c)
	s.completes(c, anApplicationOnly)
	meant(c, applicationWords)
	c.RunE = func(c *cobra.Command, args []string) error {
		const doing = "export"
		if all == (len(args) > 0) {
			return fail(doing, errs.Field("application", "cannot be missing: give ids or names, or --all alone"))
		}
		return s.call(doing, func(cl *client.Client) error {
			text, err := export(c.Context(), cl, args)
			if err != nil {
				return fail(doing, err)
			}
			return say(s, "%s", text)
		})
	}
	c.Flags().BoolVar(&all, "all", false, "all applications that have a name and are not TERMINATED")
	_ = c.PersistentFlags().MarkHidden("output")
	return c
}

// export returns documents of applications; of all that have names if none is given.
func export(ctx context.Context, cl *client.Client, wanted []string) ([]byte, error) {
	live, err := allApplications(ctx, cl, &controlv1.ListApplicationsRequest{}, 0)
	if err != nil {
		return nil, err
	}
	p := &planner{cl: cl, set: &manifest.Set{}, live: live.GetApplications()}
	ids, err := p.ids(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var documents []manifest.Document
	for _, id := range ids {
		answer, err := applications(cl).GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: id})
		if err != nil {
			return nil, err
		}
		document, err := applicationDocument(answer.GetApplication())
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return manifest.Write(documents...)
}

// applicationDocument returns the document of an application that the caller may read.
func applicationDocument(a *controlv1.Application) (manifest.Document, error) {
	if err := hiddenApplication(a); err != nil {
		return nil, err
	}
	if a.GetSpec().GetName() == "" {
		const text = "application %s has no name, by which apply could know it"
		return nil, errs.New(errs.WrongState, text, a.GetApplicationId())
	}
	return manifest.ApplicationOf(a), nil
}

// ids returns the ids of what is given by id or name; of all that have names if nothing is given.
func (p *planner) ids(ctx context.Context, wanted []string) (ids []string, err error) {
	for _, word := range wanted {
		id, err := p.find("", word)
		if errs.Is(err, errs.NotFound) {
			id, err = (&finder{ctx: ctx, cl: p.cl}).application(word)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(wanted) > 0 {
		return ids, nil
	}
	for _, a := range p.live {
		if a.GetSpec().GetName() != "" {
			ids = append(ids, a.GetApplicationId())
		}
	}
	return ids, nil
}
