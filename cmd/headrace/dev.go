package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/demo"
	"github.com/headrace/headrace/cmd/headrace/dev"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
)

// devFlags are the flags of dev and demo.
type devFlags struct {
	data, cache, python, isolation string
	shared                         []string
	basePort                       int
}

func (f *devFlags) bind(c *cobra.Command, env cli.Env, data string) {
	variable := func(name, otherwise string) string {
		if value, found := env.Lookup(name); found && value != "" {
			return value
		}
		return otherwise
	}
	c.Flags().StringVar(&f.data, "data", data, "directory of everything but releases")
	c.Flags().StringVar(&f.cache, "release-cache", variable("HEADRACE_RELEASE_CACHE", ""),
		"directory of releases; by default $HEADRACE_CACHE/releases or below the user's cache directory")
	c.Flags().StringVar(&f.python, "python", variable("HEADRACE_PYTHON", ""),
		"interpreter for PySpark; by default python3")
	c.Flags().StringVar(&f.isolation, "isolation", "auto",
		"sandbox keeps workers from each other and from this machine, none does not; auto: as far as it may")
	c.Flags().StringSliceVar(&f.shared, "share", []string{"."}, "directories of this machine that isolated workers see")
	c.Flags().IntVar(&f.basePort, "base-port", dev.DefaultConfig().BasePort, "first port of the first server")
}

// config makes the configuration of a cluster.
func (f *devFlags) config(ctx context.Context, env cli.Env) (dev.Config, error) {
	c := dev.DefaultConfig()
	c.BasePort = f.basePort
	c.Python = f.python
	c.Out = env.Out
	c.Ready = waitReady
	var err error
	if c.Executable, err = os.Executable(); err != nil {
		return c, errs.New(errs.Internal, "cannot find this binary: %w", err)
	}
	if c.ReleaseCache = f.cache; f.cache == "" {
		if c.ReleaseCache, err = release.DefaultCache(); err != nil {
			return c, err
		}
	}
	if c.ReleaseCache, err = filepath.Abs(c.ReleaseCache); err != nil {
		return c, errs.Field("release-cache", "cannot use it: %w", err)
	}
	if c.DataDir, err = realDir(f.data); err != nil {
		return c, err
	}
	return c, isolateDev(ctx, &c, f.isolation, f.shared)
}

// realDir makes a directory and returns its path without links, as the kernel tells it of processes that work there.
func realDir(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // workers of another user pass through to their own
		return "", errs.Field("data", "cannot make it: %w", err)
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return "", errs.Field("data", "cannot use it: %w", err)
	}
	return dir, nil
}

func waitReady(ctx context.Context, servers []string, nodes int) (string, error) {
	config := client.DefaultConfig()
	config.Servers = servers
	c, err := client.New(config)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	return c.WaitReady(ctx, nodes)
}

// second returns a context that ends with the second signal; the first one ends the command's own context.
func second(ctx context.Context) (context.Context, context.CancelFunc) {
	killed, kill := context.WithCancel(context.WithoutCancel(ctx))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for range 2 {
			select {
			case <-signals:
			case <-killed.Done():
				return
			}
		}
		kill()
	}()
	return killed, kill
}

func devCommand(env cli.Env) *cobra.Command {
	flags := &devFlags{}
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run a whole cluster on this machine: three servers, three zones with two nodes each",
		Args:  cli.Nothing,
		Long: "Run a whole cluster on this machine: three servers, three zones with two nodes each.\n\n" +
			"One Ctrl-C stops everything and leaves no process " +
			"behind; a second one kills it. What it knows\nstays in --data (HEADRACE_DATA) for the next start.",
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := flags.config(c.Context(), env)
			if err != nil {
				return err
			}
			config.OnReady = func(ctx context.Context) error {
				_ = output.Print(env.Out, "%s", nextCommands(config))
				<-ctx.Done()
				return nil
			}
			killed, done := second(c.Context())
			defer done()
			return dev.Run(c.Context(), killed, config)
		},
	}
	flags.bind(c, env, dataDir(env))
	return c
}

// dataDir returns where dev keeps its data when nothing is said.
func dataDir(env cli.Env) string {
	if dir, found := env.Lookup("HEADRACE_DATA"); found && dir != "" {
		return dir
	}
	if dir, found := env.Lookup("XDG_STATE_HOME"); found && dir != "" {
		return filepath.Join(dir, "headrace", "dev")
	}
	userHome, _ := os.UserHomeDir()
	return filepath.Join(userHome, ".local", "state", "headrace", "dev")
}

// nextCommands says what to type next.
func nextCommands(c dev.Config) string {
	program := "file://SCRIPT.py"
	text := ""
	if dir, err := filepath.Abs(filepath.Join("examples", "word-count")); err == nil {
		if _, err := os.Stat(dir); err == nil {
			program = "file://" + filepath.Join(dir, "wordcount.py")
			text = " --arg file://" +
				filepath.Join(dir, "text.txt")
		}
	}
	export := ""
	if c.Servers()[0] != cli.DefaultServer {
		export = "  export HEADRACE_SERVER=" + c.Servers()[0] + "\n"
	}
	lines := "\nIn another terminal:\n" + export
	if _, err := release.Find([]string{c.ReleaseCache}, demoRelease); err != nil {
		lines += "  headrace release fetch " + demoRelease + into(c.ReleaseCache) + "\n"
	}
	return lines + "  headrace application create --name first --release " + demoRelease + "\n" +
		"  headrace job-run start first --wait --entry-point " + program + text + "\n" +
		"  headrace job-run logs -\n" +
		"  headrace cluster status\nCtrl-C stops everything.\n\n"
}

// into names a cache that is not the one that commands take by themselves.
func into(cache string) string {
	if usual, err := release.DefaultCache(); err == nil && usual == cache {
		return ""
	}
	return " --into " + cache
}

// demoRelease is the release of the demo.
const demoRelease = "emr-7.2.0"

func demoCommand(env cli.Env) *cobra.Command {
	flags := &devFlags{}
	var examples string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Count words with Spark on a cluster on this machine, and show where and how fast",
		Args:  cli.Nothing,
		RunE:  func(c *cobra.Command, _ []string) error { return runDemo(c, env, flags, examples) },
	}
	flags.bind(c, env, "")
	c.Flags().StringVar(&examples, "examples", filepath.Join("examples", "word-count"),
		"directory with wordcount.py and text.txt")
	return c
}

// demoConfig makes the configuration of the demo's cluster, on free ports and in a directory of its own unless flags
// say others.
func (f *devFlags) demoConfig(c *cobra.Command, env cli.Env) (dev.Config, error) {
	if f.data == "" {
		dir, err := os.MkdirTemp("", "headrace-demo-")
		if err != nil {
			return dev.Config{}, errs.New(errs.Unavailable, "cannot make a directory for the demo: %w", err)
		}
		f.data = dir
	}
	if !c.Flags().Changed("base-port") {
		f.basePort = dev.FreeBase(f.basePort)
	}
	return f.config(c.Context(), env)
}

// runDemo runs the demo in a directory of its own, which stays when it fails, for its logs.
func runDemo(c *cobra.Command, env cli.Env, flags *devFlags, examples string) error {
	own := flags.data == ""
	config, err := flags.demoConfig(c, env)
	if err != nil {
		return err
	}
	if examples, err = filepath.Abs(examples); err != nil {
		return errs.Field("examples", "cannot use it: %w", err)
	}
	killed, done := second(c.Context())
	defer done()
	err = demo.Run(c.Context(), killed, demo.Config{
		Dev:      config,
		Env:      env,
		Examples: examples,
		Release:  demoRelease,
	})
	switch {
	case err != nil:
		_ = output.Line(env.Err, "the logs are in %s", filepath.Join(config.DataDir, "logs"))
	case own:
		err = os.RemoveAll(config.DataDir)
	}
	return err
}
