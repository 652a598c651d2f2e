package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func applicationCommand(env Env) *cobra.Command {
	c := parent("application", "Applications: pools of workers of one engine and release")
	c.Aliases = []string{"app"}
	s := newShared(env, c)
	c.AddCommand(
		createApplication(s),
		cloneApplication(s),
		s.onApplication(getApplication(s)),
		listApplications(s),
		s.onApplication(updateApplication(s)),
		s.onApplication(startApplication(s)),
		s.onApplication(stopApplication(s)),
		s.onApplication(deleteApplication(s)),
	)
	return c
}

func getApplication(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "get APPLICATION",
		Short: "Show an application",
		Args:  Takes("APPLICATION"),
		Long: "Show an application. --output yaml writes it as a file that headrace apply takes, as headrace\n" +
			"export does. Values that look like secrets are written as (hidden).",
		Example: "  headrace application get reports\n" +
			"  headrace application get reports --output yaml > reports.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get application"
			return s.withDocuments().call(doing, func(cl *client.Client) error {
				request := &controlv1.GetApplicationRequest{ApplicationId: args[0]}
				answer, err := applications(cl).GetApplication(c.Context(), request)
				if err != nil {
					return fail(doing, err)
				}
				if s.format == "yaml" {
					document, err := applicationDocument(answer.GetApplication())
					return fail(doing, s.printDocument(document, err))
				}
				return s.print(answer, func() error { return writeApplication(s, answer.GetApplication()) })
			})
		},
	}
}

func listApplications(s *shared) *cobra.Command {
	request := &controlv1.ListApplicationsRequest{}
	var limit int
	c := &cobra.Command{
		Use:   "list",
		Short: "List applications, oldest first",
		Args:  Nothing,
		RunE: s.with("list applications", func(c *cobra.Command, cl *client.Client, _ []string) error {
			request.States = capitals(request.GetStates())
			return s.showApplications(c.Context(), cl, request, limit)
		}),
	}
	flags := c.Flags()
	flags.StringSliceVar(&request.States, "state", nil,
		"only these states, such as STARTED; by default all but TERMINATED")
	flags.StringVar(&request.Name, "name", "", "only those with this name")
	flags.IntVar(&limit, "max", 0, "at most so many; 0: all")
	complete(c, "state", "CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED", "TERMINATED")
	return c
}

// capitals writes words of the API as the API does; people may write them in any case.
func capitals(words []string) (all []string) {
	for _, word := range words {
		all = append(all, strings.ToUpper(word))
	}
	return all
}

// showApplications lists the applications that a request asks for.
func (s *shared) showApplications(ctx context.Context, cl *client.Client, r *controlv1.ListApplicationsRequest,
	limit int,
) error {
	answer, err := allApplications(ctx, cl, r, limit)
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeApplications(s, answer.GetApplications()) })
}

// allApplications returns what a request asks for, from all pages.
func allApplications(ctx context.Context, cl *client.Client, r *controlv1.ListApplicationsRequest,
	limit int,
) (*controlv1.ListApplicationsResponse, error) {
	all := &controlv1.ListApplicationsResponse{}
	rows, err := pages(limit, func(token string) ([]*controlv1.Application, string, error) {
		r.NextToken = token
		page, err := applications(cl).ListApplications(ctx, r)
		all.Record = page.GetRecord()
		return page.GetApplications(), page.GetNextToken(), err
	})
	all.Applications = rows
	return all, err
}

func writeApplications(s *shared, rows []*controlv1.Application) error {
	t := s.table(
		"ID",
		"~NAME",
		"ENGINE",
		"RELEASE",
		"STATE",
		">RUNS",
		">VCPU",
		">MEMORY",
		">AGE",
	)
	for _, a := range rows {
		said := a.GetSpec()
		t.Add(
			a.GetApplicationId(),
			said.GetName(),
			output.Engine(said.GetEngine()),
			said.GetReleaseLabel(),
			a.GetState(),
			strconv.Itoa(int(a.GetUnfinishedRuns())),
			output.CPU(a.GetUsed()),
			output.Memory(a.GetUsed()),
			output.Age(s.Now(), a.GetCreatedAt()),
		)
	}
	return t.Write(s.Out)
}
