package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/devcluster"
	"github.com/headrace/headrace/internal/releases"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// executors is how many a job grows to; it begins with one.
const executors = 2

// classDataTime is how long the agents may take for an archive of class data, with the lowest priority.
const classDataTime = 10 * time.Minute

// test tests a release on a cluster.
type test struct {
	cluster *devcluster.Cluster
	jobs    jobs
	options options
}

// line tests a release and prints what ran.
func (t *test) line(ctx context.Context, r releases.Release) error {
	jar, err := t.jobs.jar(ctx, r.Label, filepath.Join(t.options.cacheOf(r), r.Label, "spark"))
	if err != nil {
		return err
	}
	if err := t.classData(ctx, r); err != nil {
		return err
	}
	said, failed := t.languages(ctx, r, jar)
	fmt.Printf("%-10s  Spark %s  %s\n", r.Label, r.Spark, said)
	for _, err := range failed {
		fmt.Fprintf(os.Stderr, "%s: %v\n", r.Label, err)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s failed", r.Label)
	}
	return nil
}

// languages runs a job of the JVM, and one of Python if the release takes this machine's.
func (t *test) languages(ctx context.Context, r releases.Release, jar string) (said string, failed []error) {
	jvm, failed := t.coldAndWarm(ctx, r, specv1.SparkSubmit_builder{
		EntryPoint:            new("file://" + jar),
		SparkSubmitParameters: new("--class example.Grow"),
	}.Build())
	version := t.options.pythonVersion(ctx)
	if !r.CanUsePython(version) {
		return fmt.Sprintf("JVM %s; PySpark left out: it takes Python %s to %s, and this one is %q",
			jvm, r.PythonMin, r.PythonMax, version), failed
	}
	job := specv1.SparkSubmit_builder{EntryPoint: new("file://" + t.jobs.python())}.Build()
	python, failedToo := t.coldAndWarm(ctx, r, job)
	return fmt.Sprintf("JVM %s; PySpark %s", jvm, python), append(failed, failedToo...)
}

// classData returns when there is an archive of class data, so that the machine is free for the jobs.
func (t *test) classData(ctx context.Context, r releases.Release) error {
	return until(ctx, classDataTime, func() (bool, error) {
		found, err := filepath.Glob(filepath.Join(t.options.cacheOf(r), ".classdata", r.Label+"-*.jsa"))
		return len(found) > 0, err
	})
}

// coldAndWarm runs a job in both ways, and says how that went.
func (t *test) coldAndWarm(
	ctx context.Context,
	r releases.Release,
	job *specv1.SparkSubmit,
) (said string, failed []error) {
	var all []string
	for _, warm := range []bool{false, true} {
		name := map[bool]string{false: "cold", true: "warm"}[warm]
		took, err := t.run(ctx, r, job, warm)
		if err != nil {
			all = append(all, name+" FAILED")
			failed = append(failed, fmt.Errorf("%s %s: %w", name, filepath.Base(job.GetEntryPoint()), err))
			continue
		}
		all = append(all, fmt.Sprintf("%s %.1f s to the first result, %.1f s in all",
			name, took.firstResult.Seconds(), took.all.Seconds()))
	}
	return strings.Join(all, ", "), failed
}
