package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// submission are the flags of job-run start.
type submission struct {
	file         string
	name         string
	role         string
	token        string
	maxAttempts  uint32
	maxFailed    uint32
	timeout      int64
	mode         string
	onDisconnect string
	runtime      string
	monitoring   string
	tags         []string
	wait         bool

	spark      controlv1.SparkSubmit
	conf       []string
	process    controlv1.Process
	command    bool
	env        []string
	task       string
	driverSize size
	taskSize   size
}

func startJobRun(s *session) *cobra.Command {
	b := &submission{}
	c := &cobra.Command{Use: "start APPLICATION [flags] [-- PROGRAM ARGUMENT...]", Short: "Submit a job run", Args: cobra.MinimumNArgs(1),
		Example: "  headrace job-run start APPLICATION --entry-point file:///data/count.py --arg file:///data/text --wait\n" +
			"  headrace job-run start APPLICATION --tasks 3 --command -- /usr/bin/env\n" +
			"  headrace job-run start APPLICATION -f run.yaml",
		RunE: func(c *cobra.Command, args []string) error { return b.start(c, s, args) }}
	c.Flags().StringVarP(&b.file, "file", "f", "", "YAML or JSON file with the request as the API has it; flags go over it")
	b.bind(c)
	return c
}

func (b *submission) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&b.name, "name", "", "its name")
	flags.StringVar(&b.role, "execution-role", "", "identity to run as; by default the cluster's")
	flags.StringVar(&b.token, "client-token", "", "with the same token it is submitted once")
	flags.Uint32Var(&b.maxAttempts, "max-attempts", 1, "attempts in all, 1 to 10")
	flags.Uint32Var(&b.maxFailed, "max-failed-attempts-per-hour", 5, "streaming: failed attempts within an hour at which it stops, 1 to 10")
	flags.Int64Var(&b.timeout, "timeout-minutes", 720, "minutes from its start until it is cancelled; 0: never")
	flags.StringVar(&b.mode, "mode", "", "BATCH or STREAMING")
	flags.StringVar(&b.onDisconnect, "on-disconnect", "", "FENCE or KEEP: what happens to its workers on a node that is cut off")
	flags.StringVar(&b.runtime, "configuration", "", "settings of this run: the API's JSON list of classifications, or file://PATH")
	flags.StringVar(&b.monitoring, "monitoring", "", "where logs and metrics go: the API's JSON monitoringConfiguration, or file://PATH")
	flags.StringArrayVar(&b.tags, "tag", nil, "KEY=VALUE; may be repeated")
	flags.BoolVar(&b.wait, "wait", false, "until it is over, with progress; the exit code says how it ended")
	flags.StringVar(&b.spark.EntryPoint, "entry-point", "", "Spark: the Python file or JAR, as a URI")
	flags.StringArrayVar(&b.spark.EntryPointArguments, "arg", nil, "Spark: an argument of the program; may be repeated")
	flags.StringVar(&b.spark.SparkSubmitParameters, "spark-submit-parameters", "", "Spark: parameters in spark-submit's own words")
	flags.StringArrayVar(&b.conf, "conf", nil, "Spark: KEY=VALUE, the same as --conf in the parameters; may be repeated")
	flags.BoolVar(&b.command, "command", false, "process: the driver's program and arguments follow after --")
	flags.StringVar(&b.task, "task-command", "", "process: the tasks' program and arguments, separated by blanks; by default the driver's")
	flags.Uint32Var(&b.process.Tasks, "tasks", 0, "process: how many tasks")
	flags.Uint32Var(&b.process.TaskRetries, "task-retries", 0, "process: how often a lost or failed task starts again")
	flags.StringArrayVar(&b.env, "env", nil, "process: KEY=VALUE of driver and tasks; may be repeated")
	b.driverSize.bind(c, "driver")
	b.taskSize.bind(c, "task")
	complete(c, "mode", "BATCH", "STREAMING")
	complete(c, "on-disconnect", "FENCE", "KEEP")
}

func (b *submission) start(c *cobra.Command, s *session, args []string) error {
	const doing = "start job run"
	request := &controlv1.StartJobRunRequest{}
	if err := readRequest(b.file, request); err != nil {
		return fail(doing, err)
	}
	request.ApplicationId = args[0]
	if err := b.over(c, request, args[1:]); err != nil {
		return fail(doing, err)
	}
	return s.call(doing, func(cl *client.Client) error { return b.submit(c, s, cl, doing, request) })
}

// submit starts the run, shows it, and waits for it if that is wanted.
func (b *submission) submit(c *cobra.Command, s *session, cl *client.Client, doing string, request *controlv1.StartJobRunRequest) error {
	answer, err := jobRuns(cl).StartJobRun(c.Context(), request)
	if err != nil {
		return fail(doing, err)
	}
	run := answer.GetJobRun()
	if b.wait {
		return s.finish(c.Context(), cl, run.GetApplicationId(), run.GetJobRunId())
	}
	return s.print(answer, func() error { return say(s, "job run %s is %s\n", run.GetJobRunId(), run.GetState()) })
}

// over sets in a request what the given flags say; words are what stands behind the command's own arguments.
func (b *submission) over(c *cobra.Command, r *controlv1.StartJobRunRequest, words []string) error {
	if err := b.setCommon(c, r); err != nil {
		return err
	}
	spark, process := c.Flags().Changed("entry-point"), b.command
	switch {
	case spark && process:
		return errs.Field("command", "cannot be given with --entry-point: a run is either of Spark or a process")
	case !process && len(words) > 0:
		return errs.Field("command", "cannot use %q: a process is given as --command -- PROGRAM ARGUMENT...", words[0])
	case process || r.GetProcess() != nil && !spark:
		return b.setProcess(c, r, words)
	case spark || given(c, "arg", "spark-submit-parameters", "conf"):
		b.setSpark(r)
	}
	return nil
}

// given says whether one of the flags was given.
func given(c *cobra.Command, flags ...string) bool {
	return slices.ContainsFunc(flags, c.Flags().Changed)
}

func (b *submission) setCommon(c *cobra.Command, r *controlv1.StartJobRunRequest) error {
	set := map[string]func(){
		"name": func() { r.Name = b.name }, "execution-role": func() { r.ExecutionRole = b.role }, "client-token": func() { r.ClientToken = b.token },
		"mode": func() { r.Mode = b.mode }, "on-disconnect": func() { r.OnDisconnect = b.onDisconnect },
		"timeout-minutes":              func() { r.ExecutionTimeoutMinutes = &b.timeout },
		"max-attempts":                 func() { r.RetryPolicy = orNew(r.RetryPolicy); r.RetryPolicy.MaxAttempts = b.maxAttempts },
		"max-failed-attempts-per-hour": func() { r.RetryPolicy = orNew(r.RetryPolicy); r.RetryPolicy.MaxFailedAttemptsPerHour = b.maxFailed },
	}
	for name, do := range set {
		if c.Flags().Changed(name) {
			do()
		}
	}
	all, err := tags(b.tags)
	if len(all) > 0 {
		r.Tags = all
	}
	if err != nil {
		return err
	}
	return b.setDocuments(c, r)
}

// setDocuments sets what is given as JSON.
func (b *submission) setDocuments(c *cobra.Command, r *controlv1.StartJobRunRequest) (err error) {
	if given(c, "configuration") {
		if r.Configuration, err = configurationFlag("configuration", b.runtime); err != nil {
			return err
		}
	}
	if given(c, "monitoring") {
		r.Monitoring, err = monitoringFlag("monitoring", b.monitoring)
	}
	return err
}

// orNew returns a value, or a new one for none.
func orNew[T any](value *T) *T {
	if value == nil {
		return new(T)
	}
	return value
}
