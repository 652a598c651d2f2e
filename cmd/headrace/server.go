package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/server"
)

func serverCommand(env cli.Env) *cobra.Command {
	var path string
	given := config.DefaultServer()
	c := &cobra.Command{
		Use:   "server",
		Short: "Run a server: a member of the control plane",
		Args:  cli.Nothing,
		Long:  "Run a server: a member of the control plane.\n\n" + settingsFrom,
		RunE: func(c *cobra.Command, _ []string) error {
			settings := config.DefaultServer()
			if err := load(c, env, &settings, path); err != nil {
				return err
			}
			log := settings.Logger(env.Err)
			s, err := server.New(serverConfig(settings, log))
			if err != nil {
				return err
			}
			log.Info("server runs", "id", settings.ServerID, "grpc", settings.GRPCAddress,
				"http", settings.HTTPAddress, "tls", settings.TLS.On())
			return s.Run(c.Context())
		},
	}
	c.Flags().StringVar(&path, "config", "/etc/headrace/server.yaml", "YAML file; HEADRACE_CONFIG")
	given.Bind(c.Flags())
	return c
}

// serverConfig makes of the settings what a server needs.
func serverConfig(s config.Server, log *slog.Logger) server.Config {
	c := s.Config()
	c.Version = version()
	c.Log = log
	return c
}
