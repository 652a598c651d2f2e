package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// startFlags are the flags of job-run start.
type startFlags struct {
	file         string
	name         string
	role         string
	token        string
	maxAttempts  uint32
	maxFailed    uint32
	timeout      int64
	mode         string
	onDisconnect string
	priority     uint32
	runtime      string
	monitoring   string
	tags         []string
	constraints  []string
	wait         bool
	spark        sparkFlags
	process      processFlags
	quiet        bool
	request      *controlv1.StartJobRunRequest // what flags and file say; nil: they were not read yet
}

// jobRunFlags are the fields of a submission that flags set.
var jobRunFlags = slices.Concat(sparkFields, processFields, []fieldFlag{
	{"name", "spec.name"},
	{"execution-role", "spec.execution_role"},
	{"client-token", "client_token"},
	{"max-attempts", "spec.retry_policy.max_attempts"},
	{"max-failed-attempts-per-hour", "spec.retry_policy.max_failed_attempts_per_hour"},
	{"timeout-minutes", "spec.execution_timeout_minutes"},
	{"mode", "spec.mode"},
	{"on-disconnect", "spec.on_disconnect"},
	{"priority", "spec.priority"},
	{"configuration", "spec.configuration_overrides.application_configuration"},
	{"monitoring", "spec.configuration_overrides.monitoring"},
	{"tag", "spec.tags"},
	{"constraint", "spec.constraints"},
})

// jobRunNames returns what the user of a command calls the fields of a submission.
func jobRunNames(c *cobra.Command) fieldNames {
	return fieldNames{command: c, request: &controlv1.StartJobRunRequest{}, flags: jobRunFlags}
}

func startJobRun(s *shared) *cobra.Command {
	b := &startFlags{}
	c := &cobra.Command{
		Use:   "start APPLICATION [flags] [-- PROGRAM ARGUMENT...]",
		Short: "Submit a job run",
		Args:  atLeast(1, "APPLICATION"),
		Long: "Submit a job run.\n\n" +
			"A program whose path begins with ./, ../ or ~/ is a file of this machine: it is uploaded, at most 16 MiB,\n" +
			"and every worker that needs it finds it in its working directory. Every other path is one of the nodes.",
		Example: "  headrace job-run start APPLICATION --entry-point s3://code/count.py --arg s3://data/text --wait\n" +
			"  headrace job-run start APPLICATION --entry-point ./count.py --wait\n" +
			"  headrace job-run start APPLICATION --tasks 3 --command -- /usr/bin/env\n" +
			"  headrace job-run start APPLICATION -f run.yaml",
		RunE: func(c *cobra.Command, args []string) error { return b.start(c, s, args) },
	}
	c.Flags().StringVarP(
		&b.file,
		"file",
		"f",
		"",
		"YAML or JSON file with the request as the API has it, such as jobDriver and name; flags go over it",
	)
	b.bind(c)
	return c
}

func (b *startFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&b.name, "name", "", "its name")
	flags.StringVar(&b.role, "execution-role", "", "identity to run as; by default the cluster's")
	flags.StringVar(&b.token, "client-token", "", "with the same token it is submitted once")
	flags.Uint32Var(&b.maxAttempts, "max-attempts", 1, "attempts in all, 1 to 10")
	flags.Uint32Var(&b.maxFailed, "max-failed-attempts-per-hour", 5,
		"streaming: failed attempts within an hour at which it stops, 1 to 10")
	flags.Int64Var(&b.timeout, "timeout-minutes", 720, "minutes from its start until it is cancelled; 0: never")
	flags.StringVar(&b.mode, "mode", "", "BATCH or STREAMING")
	flags.StringVar(&b.onDisconnect, "on-disconnect", "",
		"FENCE or KEEP: what happens to its workers on a node that is cut off")
	flags.Uint32Var(&b.priority, "priority", 0,
		"whose work is served first: 0 to its application's, which it has by default; more is first")
	flags.StringVar(&b.runtime, "configuration", "",
		"settings of this run: the API's JSON list of classifications, or file://PATH")
	flags.StringVar(&b.monitoring, "monitoring", "",
		"where logs and metrics go: the API's JSON monitoringConfiguration, or file://PATH")
	flags.StringArrayVar(&b.tags, "tag", nil, "KEY=VALUE; may be repeated")
	flags.StringArrayVar(&b.constraints, "constraint", nil,
		"what every node of its workers meets beside what its application says, such as 'disk == nvme'; may be repeated")
	flags.BoolVar(&b.wait, "wait", false, "until it is over, with progress; the exit code says how it ended")
	bindQuiet(c, &b.quiet)
	b.spark.bind(c)
	b.process.bind(c)
	complete(c, "mode", "BATCH", "STREAMING")
	complete(c, "on-disconnect", "FENCE", "KEEP")
}

func (b *startFlags) start(c *cobra.Command, s *shared, args []string) error {
	const doing = "start job run"
	if err := b.build(c, args[1:]); err != nil {
		return fail(doing, err)
	}
	b.request.ApplicationId = args[0]
	return s.call(doing, func(cl *client.Client) error {
		if err := b.upload(c.Context(), cl); err != nil {
			return fail(doing, err)
		}
		return b.submit(c, s, cl, doing, b.request)
	})
}

// upload uploads the programs that are files of this machine, if the application is there.
func (b *startFlags) upload(ctx context.Context, cl *client.Client) (err error) {
	programs := localsOf(b.request.GetSpec())
	if len(programs) == 0 {
		return nil
	}
	if err := readLocals(programs); err != nil {
		return err
	}
	finder := &finder{ctx: ctx, cl: cl}
	if b.request.ApplicationId, err = finder.applicationOf(b.request.GetApplicationId()); err != nil {
		return err
	}
	return uploadLocals(ctx, cl, programs)
}

// build reads what flags and file say, but once: a file may be a pipe.
func (b *startFlags) build(c *cobra.Command, words []string) error {
	if b.request != nil {
		return nil
	}
	request := &controlv1.StartJobRunRequest{Spec: &specv1.JobRun{}}
	if err := readRequest(c.Context(), b.file, request); err != nil {
		return err
	}
	if err := b.over(c, request, words); err != nil {
		return err
	}
	b.request = request
	return nil
}

// submit starts the run, shows it, and waits for it if that is wanted.
func (b *startFlags) submit(c *cobra.Command, s *shared, cl *client.Client, doing string,
	request *controlv1.StartJobRunRequest,
) error {
	answer, err := jobRuns(cl).StartJobRun(c.Context(), request)
	if err != nil {
		return failStart(c, doing, err)
	}
	run := answer.GetJobRun()
	if b.quiet {
		if err := say(s, "%s\n", run.GetJobRunId()); err != nil || !b.wait {
			return err
		}
		_, err := s.await(c.Context(), cl, run.GetApplicationId(), run.GetJobRunId())
		return err
	}
	if b.wait {
		_ = output.Line(s.Err, "job run %s is %s in application %s", run.GetJobRunId(), run.GetState(),
			run.GetApplicationId())
		return s.finish(c.Context(), cl, run.GetApplicationId(), run.GetJobRunId())
	}
	return s.print(answer, func() error { return say(s, "job run %s is %s\n", run.GetJobRunId(), run.GetState()) })
}

// failStart is fail for a submission: if it has no program, the error says which flags name one.
func failStart(c *cobra.Command, doing string, err error) error {
	failed := failField(doing, jobRunNames(c), err)
	var wrong *errs.Error
	if !errors.As(err, &wrong) || wrong.Field != "spec.driver" || given(c, "entry-point", "command", "file") {
		return failed
	}
	const next = "Name a Spark program with --entry-point, or a process with --command -- PROGRAM ARGUMENT..."
	return &Failure{Doing: doing, Err: errors.Unwrap(failed), Next: next}
}

// over sets in a request what the given flags say; words are what follows after the command's own arguments.
func (b *startFlags) over(c *cobra.Command, r *controlv1.StartJobRunRequest, words []string) error {
	if b.token != "" {
		r.ClientToken = b.token
	}
	said := r.GetSpec()
	if err := b.setCommon(c, said); err != nil {
		return err
	}
	spark := given(c, "entry-point")
	process := b.process.command
	switch {
	case spark && process:
		return badFlag("command", "cannot be given with --entry-point: a run is either of Spark or a process")
	case spark && given(c, flagNames(processFields)...):
		return onlyFor(c, processFields, "is for a process, and --entry-point is for Spark")
	case process && given(c, flagNames(sparkFields)...):
		return onlyFor(c, sparkFields, "is for Spark, and --command is for a process")
	case !process && len(words) > 0:
		return badFlag("command", "cannot use %q: a process is given as --command -- PROGRAM ARGUMENT...", words[0])
	case process || said.GetDriver().HasProcess() && !spark:
		return b.process.over(c, said, words)
	case spark || given(c, "arg", "spark-submit-parameters", "conf"):
		b.spark.over(said)
	}
	return nil
}

// flagNames returns the names of flags.
func flagNames(fields []fieldFlag) (flags []string) {
	for _, field := range fields {
		flags = append(flags, field.flag)
	}
	return flags
}

// onlyFor is the error of the first of some flags that was given and would do nothing.
func onlyFor(c *cobra.Command, fields []fieldFlag, why string) error {
	for _, field := range fields {
		if given(c, field.flag) {
			return badFlag(field.flag, "%s: leave it out%s", why, instead[field.flag])
		}
	}
	return nil
}

// instead says what Spark has for flags of a process.
var instead = map[string]string{
	"env": ", or set variables by --conf spark.emr-serverless.driverEnv.NAME=VALUE and spark.executorEnv.NAME=VALUE",
}

// given says whether one of the flags was given.
func given(c *cobra.Command, flags ...string) bool {
	return slices.ContainsFunc(flags, c.Flags().Changed)
}

func (b *startFlags) setCommon(c *cobra.Command, r *specv1.JobRun) error {
	if given(c, "name") {
		r.SetName(b.name)
	}
	if given(c, "execution-role") {
		r.SetExecutionRole(b.role)
	}
	if given(c, "timeout-minutes") {
		r.SetExecutionTimeoutMinutes(b.timeout)
	}
	if given(c, "priority") {
		r.SetPriority(b.priority)
	}
	b.setRetries(c, r)
	if err := b.setWords(c, r); err != nil {
		return err
	}
	all, err := tags("--tag", b.tags)
	if len(all) > 0 {
		r.SetTags(all)
	}
	if err != nil {
		return err
	}
	return b.setDocuments(c, r)
}

// setRetries sets when the run is tried again.
func (b *startFlags) setRetries(c *cobra.Command, r *specv1.JobRun) {
	if !given(c, "max-attempts", "max-failed-attempts-per-hour") {
		return
	}
	if !r.HasRetryPolicy() {
		r.SetRetryPolicy(&specv1.RetryPolicy{})
	}
	if given(c, "max-attempts") {
		r.GetRetryPolicy().SetMaxAttempts(b.maxAttempts)
	}
	if given(c, "max-failed-attempts-per-hour") {
		r.GetRetryPolicy().SetMaxFailedAttemptsPerHour(b.maxFailed)
	}
}

// setWords sets what is one of a few words.
func (b *startFlags) setWords(c *cobra.Command, r *specv1.JobRun) error {
	if given(c, "mode") {
		number, err := codec.EnumNumber(r.GetMode().Descriptor(), b.mode)
		if err != nil {
			return badFlag("mode", "%w", err)
		}
		r.SetMode(specv1.JobRunMode(number))
	}
	if given(c, "on-disconnect") {
		number, err := codec.EnumNumber(r.GetOnDisconnect().Descriptor(), b.onDisconnect)
		if err != nil {
			return badFlag("on-disconnect", "%w", err)
		}
		r.SetOnDisconnect(specv1.OnDisconnect(number))
	}
	if given(c, "constraint") {
		r.SetConstraints(nonEmpty(b.constraints))
	}
	return nil
}

// setDocuments sets what is given as JSON.
func (b *startFlags) setDocuments(c *cobra.Command, r *specv1.JobRun) error {
	if !given(c, "configuration", "monitoring") {
		return nil
	}
	if !r.HasConfigurationOverrides() {
		r.SetConfigurationOverrides(&specv1.ConfigurationOverrides{})
	}
	if given(c, "configuration") {
		list, err := configurationFlag(c.Context(), "configuration", b.runtime)
		if err != nil {
			return err
		}
		r.GetConfigurationOverrides().SetApplicationConfiguration(list)
	}
	if given(c, "monitoring") {
		m, err := monitoringFlag(c.Context(), "monitoring", b.monitoring)
		if err != nil {
			return err
		}
		r.GetConfigurationOverrides().SetMonitoring(m)
	}
	return nil
}
