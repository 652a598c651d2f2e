package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/dev"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// parameters are the sizes of the demo: small heaps, and together more vCPU than one node has, so that two nodes take
// part.
var parameters = []string{
	"--conf spark.driver.cores=4", "--conf spark.driver.memory=1g",
	"--conf spark.executor.instances=3", "--conf spark.executor.cores=2", "--conf spark.executor.memory=1g",
	"--conf spark.dynamicAllocation.enabled=false",
}

// Config is what Run needs.
type Config struct {
	// Dev is the cluster; OnReady is set here.
	Dev dev.Config
	// Env is where the demo writes.
	Env cli.Env
	// Examples is the directory with wordcount.py and text.txt.
	Examples string
	// Release is the label of the release.
	Release string
}

// Run runs the demo on a cluster of its own. Its error says what went wrong.
func Run(ctx, killed context.Context, c Config) error {
	for _, name := range []string{"wordcount.py", "text.txt"} {
		if _, err := os.Stat(filepath.Join(c.Examples, name)); err != nil {
			return errs.Field("examples",
				"cannot find the word count: %w; run it where Headrace's sources are, or give --examples", err)
		}
	}
	c.Dev.OnReady = c.show
	return dev.Run(ctx, killed, c.Dev)
}

func (c Config) say(format string, args ...any) { _ = output.Print(c.Env.Out, format+"\n", args...) }

// show runs the word count on the cluster and prints what it did.
func (c Config) show(ctx context.Context) error {
	config := client.DefaultConfig()
	config.Servers = c.Dev.Servers()
	cl, err := client.New(config)
	if err != nil {
		return err
	}
	defer func() { _ = cl.Close() }()
	run, err := c.submit(ctx, cl)
	if err != nil {
		return err
	}
	last, err := cli.Watch(ctx, c.Env, cl, run.GetApplicationId(), run.GetJobRunId())
	if err != nil {
		return err
	}
	if last.GetState() != "SUCCESS" {
		return c.explain(ctx, cl, last)
	}
	c.say("\nThe driver's output (headrace job-run logs %s %s):\n", run.GetApplicationId(), run.GetJobRunId())
	if err := c.log(ctx, cl, last, "stdout"); err != nil {
		return err
	}
	return c.report(ctx, cl, last)
}

// submit creates an application and starts the word count in it.
func (c Config) submit(ctx context.Context, cl *client.Client) (*controlv1.JobRun, error) {
	what := specv1.Application_builder{
		Name:         new("demo"),
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		ReleaseLabel: &c.Release,
	}.Build()
	create := &controlv1.CreateApplicationRequest{Spec: what}
	created, err := controlv1.NewApplicationServiceClient(cl).CreateApplication(ctx, create)
	if err != nil {
		return nil, fmt.Errorf("cannot create application: %w", err)
	}
	application := created.GetApplication().GetApplicationId()
	c.say("\napplication %s with release %s", application, c.Release)
	start := &controlv1.StartJobRunRequest{ApplicationId: application, Spec: c.wordCount()}
	started, err := controlv1.NewJobRunServiceClient(cl).StartJobRun(ctx, start)
	if err != nil {
		return nil, fmt.Errorf("cannot start job run: %w", err)
	}
	c.say("job run     %s counts the words of %s with three executors\n", started.GetJobRun().GetJobRunId(),
		filepath.Join(c.Examples, "text.txt"))
	return started.GetJobRun(), nil
}

// wordCount is the run.
func (c Config) wordCount() *specv1.JobRun {
	program := specv1.SparkSubmit_builder{
		EntryPoint:            new("file://" + filepath.Join(c.Examples, "wordcount.py")),
		EntryPointArguments:   []string{"file://" + filepath.Join(c.Examples, "text.txt")},
		SparkSubmitParameters: new(strings.Join(parameters, " ")),
	}.Build()
	return specv1.JobRun_builder{
		Name:   new("word count"),
		Driver: specv1.JobDriver_builder{SparkSubmit: program}.Build(),
	}.Build()
}

// explain shows why the run did not succeed.
func (c Config) explain(ctx context.Context, cl *client.Client, run *controlv1.JobRun) error {
	c.say("\nThe end of the driver's stderr:\n")
	err := c.log(ctx, cl, run, "stderr")
	if err != nil {
		c.say("cannot read it: %v", err)
	}
	return &cli.Ended{Run: run.GetJobRunId(), State: run.GetState(), Why: run.GetStateDetails()}
}

func (c Config) log(ctx context.Context, cl *client.Client, run *controlv1.JobRun, stream string) error {
	return cli.CopyLog(
		ctx,
		cl,
		&controlv1.ReadLogRequest{
			ApplicationId: run.GetApplicationId(),
			JobRunId:      run.GetJobRunId(),
			Stream:        stream,
		},
		c.Env,
		false,
	)
}
