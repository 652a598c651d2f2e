package main

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/process"
	"github.com/headrace/headrace/agent/spark"
	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mtls"
)

func agentCommand(env cli.Env) *cobra.Command {
	var path string
	given := config.DefaultAgent()
	c := &cobra.Command{
		Use:   "agent",
		Short: "Run an agent: it offers this machine to a cluster",
		Args:  cli.Nothing,
		Long:  "Run an agent: it offers this machine to a cluster.\n\n" + settingsFrom,
		RunE: func(c *cobra.Command, _ []string) error {
			settings := config.DefaultAgent()
			if err := load(c, env, &settings, path); err != nil {
				return err
			}
			return runAgent(c.Context(), settings, settings.Logger(env.Err))
		},
	}
	c.Flags().StringVar(&path, "config", "/etc/headrace/agent.yaml", "YAML file; HEADRACE_CONFIG")
	given.Bind(c.Flags())
	return c
}

// runAgent runs an agent with its engines until the context ends.
func runAgent(ctx context.Context, s config.Agent, log *slog.Logger) error {
	c, err := agentConfig(s, log)
	if err != nil {
		return err
	}
	var sparks *spark.Engine
	c.Begun = func(ctx context.Context) {
		log.Info("agent runs", "zone", c.Zone, "servers", c.Servers)
		if s.ClassData {
			sparks.WriteClassData(ctx)
		}
	}
	a, err := agent.Build(c, func(services agent.Services) engine.Engines {
		log = services.Logger
		settings := sparkConfig(s, log)
		settings.Store = services.Store
		settings.Programs = services.Programs
		settings.OnDemand = services.SetDemand
		settings.OnProgress = services.SetProgress
		settings.OpenUpload = services.OpenUpload
		sparks = spark.New(settings)
		return engine.Engines{Spark: sparks, Process: process.Engine{OpenUpload: services.OpenUpload}}
	})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// sparkConfig returns what the settings say for the Spark engine. What the engine gets from the agent is not in it.
func sparkConfig(s config.Agent, log *slog.Logger) spark.Config {
	return spark.Config{
		Host:        s.Host,
		Python:      s.Python,
		Region:      s.Region,
		ObjectStore: s.ObjectStore,
		Log:         log,
	}
}

// nodeName returns the name that the settings give the node, else that of its certificate; empty: the host's name.
// Servers register a node under its certificate's name only, so a difference is an error here, which names both.
func nodeName(s config.Agent) (string, error) {
	proved, err := s.TLS.Node()
	if err != nil || proved == "" || s.NodeName == "" || s.NodeName == proved {
		return cmp.Or(s.NodeName, proved), err
	}
	return "", errs.Field(
		"node_name",
		"cannot be %q: %s is for the node %q; set that name, or issue another certificate: "+
			"headrace tls issue --role agent --name %s",
		s.NodeName,
		s.TLS.CertFile,
		proved,
		s.NodeName,
	)
}

// agentConfig returns what the settings say for the agent, without its engines.
func agentConfig(s config.Agent, log *slog.Logger) (c agent.Config, err error) {
	if s.DataDir, err = filepath.Abs(s.DataDir); err != nil {
		return c, err
	}
	c = s.Config()
	if c.Credentials, err = s.TLS.Of(mtls.Agent); err != nil {
		return c, err
	}
	if c.NodeName, err = nodeName(s); err != nil {
		return c, err
	}
	c.Version = version()
	c.Logger = log
	return c, isolation(s, &c)
}
