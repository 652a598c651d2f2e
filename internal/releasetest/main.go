package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/headrace/headrace/internal/devcluster"
)

// options are the command's flags.
type options struct {
	headrace string // the binary
	releases string // the directory with a directory of releases for each label
	python   string // the interpreter for PySpark
}

func main() {
	var o options
	only := flag.String("only", "", "labels, separated by commas; empty: the newest label of every version of Spark")
	flag.StringVar(&o.headrace, "headrace", "bin/headrace", "the binary to test")
	flag.StringVar(&o.releases, "releases", cache(), "directory for what is fetched")
	flag.StringVar(&o.python, "python", "python3", "interpreter for PySpark")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "releasetest:", err)
		os.Exit(1)
	}
}

// cache returns the directory that releases are fetched into when nothing is said.
func cache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "headrace", "every-line")
}

func (o options) run(ctx context.Context, only string) error {
	lines, err := choose(only)
	if err != nil {
		return err
	}
	jobs, err := makeJobs()
	if err != nil {
		return err
	}
	defer jobs.remove()
	for _, l := range lines {
		if err := o.fetch(ctx, l); err != nil {
			return err
		}
	}
	var failed []error
	for _, l := range lines {
		if ctx.Err() != nil {
			return errors.Join(append(failed, ctx.Err())...)
		}
		failed = append(failed, devcluster.On(ctx, o.headrace, func(ctx context.Context, c *devcluster.Cluster) error {
			return (&test{cluster: c, jobs: jobs, options: o}).line(ctx, l)
		}, "--share", jobs.dir, "--release-cache", o.cacheOf(l), "--python", o.python))
	}
	return errors.Join(failed...)
}
