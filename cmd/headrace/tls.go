package main

import (
	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/authority"
)

// tlsCommand makes the certificates of a site that has no authority of its own.
func tlsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "tls",
		Short: "Certificates for a cluster whose site has no authority of its own",
		Args:  cli.Group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:   "create-authority DIR",
		Short: "Make a certificate authority in a directory",
		Args:  cli.Takes("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := authority.CreateAuthority(args[0]); err != nil {
				return err
			}
			return output.Line(c.OutOrStdout(),
				"authority made in %s: copy its ca.pem to every machine, and keep its key here", args[0])
		},
	})
	c.AddCommand(tlsIssueCommand())
	return c
}

func tlsIssueCommand() *cobra.Command {
	var request authority.Request
	var dir string
	c := &cobra.Command{
		Use:   "issue",
		Short: "Issue a certificate to a server, an agent, a client or an operator",
		Args:  cli.Nothing,
		Example: "  headrace tls issue --authority ca --role server --name server-1 --host 10.0.0.1 --out server-1\n" +
			"  headrace tls issue --authority ca --role agent --name node-1 --out node-1",
		RunE: func(c *cobra.Command, _ []string) error {
			if request.Out == "" {
				request.Out = request.Name
			}
			if err := authority.Issue(dir, request); err != nil {
				return err
			}
			return output.Line(
				c.OutOrStdout(),
				"certificate of %s %s: %s.pem, %s-key.pem",
				request.Role,
				request.Name,
				request.Out,
				request.Out,
			)
		},
	}
	flags := c.Flags()
	flags.StringVar(&dir, "authority", ".", "directory of the authority")
	flags.StringVar(&request.Role, "role", "", "server, agent, client or operator")
	flags.StringVar(&request.Name, "name", "",
		"name of the server's machine, of the agent's node, or of the user for whom requests count")
	flags.StringSliceVar(&request.Hosts, "host", nil, "a name or address of the machine; may be repeated")
	flags.StringVar(&request.Out, "out", "", "path of the files without .pem and -key.pem; empty: the name")
	return c
}
