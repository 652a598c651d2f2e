package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/spark"
	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mtls"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func agentCommand(env cli.Env) *cobra.Command {
	var path string
	given := config.DefaultAgent()
	c := &cobra.Command{Use: "agent", Short: "Run an agent: it offers this machine to a cluster", Args: cobra.NoArgs,
		Long: "Run an agent: it offers this machine to a cluster.\n\nFlags go over HEADRACE_* variables (--data-dir is HEADRACE_DATA_DIR), those over the file, and it over defaults.",
		RunE: func(c *cobra.Command, _ []string) error {
			settings := config.DefaultAgent()
			if err := load(c, env, &settings, path); err != nil {
				return err
			}
			return runAgent(c.Context(), settings, config.NewLogger(env.Err, settings.LogLevel))
		}}
	c.Flags().StringVar(&path, "config", "/etc/headrace/agent.yaml", "YAML file; HEADRACE_CONFIG")
	given.Bind(c.Flags())
	return c
}

// runAgent runs an agent with its engines until the context ends. Engines are made first and call the agent only once it runs.
func runAgent(ctx context.Context, s config.Agent, log *slog.Logger) error {
	c, err := agentConfig(s, log)
	if err != nil {
		return err
	}
	var a *agent.Agent
	store := release.NewStore(release.StoreConfig{Roots: c.ReleaseDirs,
		Fetch: func(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
			return a.OpenRelease(ctx, digest, offset)
		}})
	engine := spark.New(spark.Config{Store: store, Host: c.Host, Python: s.Python, Region: s.Region, ObjectStore: s.ObjectStore, Log: log,
		Programs: programs{&a}, OnDemand: func(d *agentv1.Demand) { a.SetDemand(d) }})
	defer engine.Close()
	c.Releases = store
	c.Begun = func(ctx context.Context) {
		log.Info("agent runs", "node", a.NodeName(), "id", a.NodeID(), "zone", c.Zone, "servers", c.Servers)
		if s.ClassData {
			engine.WriteClassData(ctx)
		}
	}
	a, err = agent.New(c, agent.Engines{Spark: engine, Process: agent.NewProcessEngine()})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// programs runs an engine's programs on an agent that is made after the engine.
type programs struct{ agent **agent.Agent }

// Run runs a program to its end. See runtime.Errand.
func (p programs) Run(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error) {
	return (*p.agent).RunErrand(ctx, errand)
}

// nodeName is what the settings say, else what the certificate does; empty: the host's name. The servers take nobody under another name
// than the certificate's, so a difference is told here, with both.
func nodeName(s config.Agent) (string, error) {
	proved, err := s.TLS.Node()
	if err != nil || proved == "" || s.NodeName == "" || s.NodeName == proved {
		return cmp.Or(s.NodeName, proved), err
	}
	return "", errs.Field("node_name", "cannot be %q: %s is for the node %q; set that name, or issue another certificate: headrace tls issue --role agent --name %s",
		s.NodeName, s.TLS.CertFile, proved, s.NodeName)
}

func agentConfig(s config.Agent, log *slog.Logger) (agent.Config, error) {
	c := agent.DefaultConfig()
	secure, err := s.TLS.Of(mtls.Agent)
	if err != nil {
		return c, err
	}
	if c.NodeName, err = nodeName(s); err != nil {
		return c, err
	}
	if c.DataDir, err = filepath.Abs(s.DataDir); err != nil {
		return c, err
	}
	if err := isolation(s, &c); err != nil {
		return c, err
	}
	if c.ReleaseDirs = s.ReleaseDirs; len(s.ReleaseDirs) == 0 {
		c.ReleaseDirs = []string{filepath.Join(c.DataDir, "releases")}
	}
	c.Zone, c.Host, c.Servers, c.Credentials = s.Zone, s.Host, s.Servers, secure
	c.MilliCPU, c.MemoryMiB, c.DiskMiB = int64(s.Capacity.CPU), int64(s.Capacity.Memory), int64(s.Capacity.Disk)
	c.ShuffleDir, c.Cgroup, c.RefusedMeansLeaderless = s.ShuffleDir, s.Cgroup, s.RefusedMeansLeaderless
	c.StopWorkers, c.LeaveLease, c.DiskFullPercent = s.StopWorkersOnExit, s.LeaveLease, s.DiskFullPercent
	c.ObjectStore, c.Warm = s.ObjectStore, s.WarmWorkers
	c.Version, c.Logger = version(), log
	return c, nil
}
