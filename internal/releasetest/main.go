// Command releasetest runs real jobs on every version of Spark that the release table can fetch, each through agents
// and the plug-in as users' runs are: a JVM job, and a PySpark job where the machine's Python is not too new for that
// PySpark; each cold, and in pre-initialised workers. A job has a driver, an executor, and a second executor that
// dynamic allocation asks for.
//
//	go run ./internal/releasetest [-only emr-6.9.0,emr-7.2.0] [-releases DIR] [-python python3] [-headrace bin/headrace]
//
// It fetches what is missing, some 300 MB for each version, into a cache of its own, where each release has a folder
// and, while it is tested, a cluster: agents write an archive of class data for every release that they have, which
// nothing else needs to wait for. It prints a line per release, and fails when a job did not do what it should, or was
// cold where it should not be.
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
