package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func applicationCommand(env Env) *cobra.Command {
	c := parent("application", "Applications: pools of workers of one engine and release")
	c.Aliases = []string{"app"}
	s := newSession(env, c)
	c.AddCommand(createApplication(s), cloneApplication(s), s.named(getApplication(s)), listApplications(s), s.named(updateApplication(s)),
		s.named(startApplication(s)), s.named(stopApplication(s)), s.named(deleteApplication(s)))
	return c
}

func getApplication(s *session) *cobra.Command {
	return &cobra.Command{Use: "get APPLICATION", Short: "Show an application", Args: cobra.ExactArgs(1),
		Long: "Show an application. --output yaml writes it as a file that headrace apply takes; values that look like\n" +
			"secrets are written as (hidden), as headrace export writes them.",
		Example: "  headrace application get 01hzy...\n  headrace application get 01hzy... --output yaml > reports.yaml",
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
		}}
}

func listApplications(s *session) *cobra.Command {
	var states []string
	var most int
	c := &cobra.Command{Use: "list", Short: "List applications, oldest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			const doing = "list applications"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := allApplications(c.Context(), cl, states, most)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeApplications(s, answer.GetApplications()) })
			})
		}}
	c.Flags().StringSliceVar(&states, "state", nil, "only these states, such as STARTED; by default all but TERMINATED")
	c.Flags().IntVar(&most, "max", 0, "at most so many; 0: all")
	return c
}

func allApplications(ctx context.Context, cl *client.Client, states []string, most int) (*controlv1.ListApplicationsResponse, error) {
	all := &controlv1.ListApplicationsResponse{}
	rows, err := pages(most, func(token string) ([]*controlv1.Application, string, error) {
		page, err := applications(cl).ListApplications(ctx, &controlv1.ListApplicationsRequest{NextToken: token, States: states})
		all.Record = page.GetRecord()
		return page.GetApplications(), page.GetNextToken(), err
	})
	all.Applications = rows
	return all, err
}

func writeApplications(s *session, rows []*controlv1.Application) error {
	t := output.Table{Columns: output.Columns("ID", "NAME", "ENGINE", "RELEASE", "STATE", ">RUNS", ">VCPU", ">MEMORY", ">AGE")}
	for _, a := range rows {
		said := a.GetSpec()
		t.Add(a.GetApplicationId(), said.GetName(), output.Engine(said.GetEngine()), said.GetReleaseLabel(), a.GetState(),
			strconv.Itoa(int(a.GetUnfinishedRuns())), output.CPU(a.GetUsed()), output.Memory(a.GetUsed()), output.Age(s.Now(), a.GetCreatedAt()))
	}
	return t.Write(s.Out)
}
