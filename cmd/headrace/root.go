package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/server"
)

func rootCommand(env cli.Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "headrace",
		Short:         "EMR Serverless on your own machines",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Long: "Headrace runs Spark jobs, and any other program, on a cluster of your own machines.\n\n" +
			"headrace dev runs a whole cluster on this machine.\n\n" +
			"Exit codes: 0 done; 1 the run that was waited for FAILED, 2 it was CANCELLED; 3 the command is wrong\n" +
			"or was refused; 4 nobody answered, or the outcome is not known; 130 interrupted.",
	}
	root.Args = cli.Group
	root.SetFlagErrorFunc(cli.WrongFlag)
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.AddCommand(
		serverCommand(env),
		agentCommand(env),
		devCommand(env),
		demoCommand(env),
		keyringCommand(),
		tlsCommand(),
		versionCommand(env),
	)
	root.AddCommand(cli.Commands(env)...)
	return root
}

// stamped is the version that make build sets; empty: go build did without.
var stamped string

// version returns what the binary was built from.
func version() string {
	if stamped != "" {
		return stamped
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}

// versionCommand is what people try first; --version says the same.
func versionCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program; headrace cluster status shows those of the servers",
		Args:  cli.Nothing,
		RunE: func(*cobra.Command, []string) error {
			return output.Line(env.Out, "headrace version %s", version())
		},
	}
}

// settingsFrom says where the settings of a server and an agent come from.
const settingsFrom = "Flags win over HEADRACE_* variables (--data-dir is HEADRACE_DATA_DIR), variables over the " +
	"file, and the file over defaults."

// load reads the settings of a command whose flags are bound to given.
func load(c *cobra.Command, env cli.Env, settings config.Settings, path string) error {
	required := c.Flags().Changed("config")
	if said, found := env.Lookup("HEADRACE_CONFIG"); found && !required {
		path = said
		required = true
	}
	return config.Load(settings, config.Source{
		Path:     path,
		Required: required,
		Lookup:   env.Lookup,
		Given:    c.Flags(),
	})
}

func keyringCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keyring",
		Short: "The secret that the servers of a cluster share",
		Args:  cli.Group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:   "create FILE",
		Short: "Make a keyring; copy it to every server",
		Args:  cli.Takes("FILE"),
		RunE:  func(_ *cobra.Command, args []string) error { return server.CreateKeyring(args[0]) },
	})
	return c
}
