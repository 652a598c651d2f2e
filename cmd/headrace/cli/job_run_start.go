package cli

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"gopkg.in/yaml.v3"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/config"
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
	timeout      int64
	mode         string
	onDisconnect string
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

// size are the flags of a worker's size.
type size struct {
	cpu    config.CPU
	memory config.MiB
	disk   config.MiB
}

func (s size) resources() *controlv1.Resources {
	if s == (size{}) {
		return nil
	}
	return &controlv1.Resources{MilliCpu: int64(s.cpu), MemoryMib: int64(s.memory), DiskMib: int64(s.disk)}
}

func startJobRun(s *session) *cobra.Command {
	b := &submission{}
	c := &cobra.Command{Use: "start APPLICATION [flags] [-- PROGRAM ARGUMENT...]", Short: "Submit a job run", Args: cobra.MinimumNArgs(1),
		Example: "  headrace job-run start APPLICATION --entry-point file:///data/count.py --arg file:///data/text --wait\n" +
			"  headrace job-run start APPLICATION --tasks 3 --command -- /usr/bin/env\n" +
			"  headrace job-run start APPLICATION -f run.yaml",
		RunE: func(c *cobra.Command, args []string) error { return b.start(c, s, args) }}
	b.bind(c)
	return c
}

func (b *submission) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVarP(&b.file, "file", "f", "", "YAML or JSON file with the request as the API has it; flags go over it")
	flags.StringVar(&b.name, "name", "", "its name")
	flags.StringVar(&b.role, "execution-role", "", "identity to run as; by default the cluster's")
	flags.StringVar(&b.token, "client-token", "", "with the same token it is submitted once")
	flags.Uint32Var(&b.maxAttempts, "max-attempts", 1, "attempts in all, 1 to 10")
	flags.Int64Var(&b.timeout, "timeout-minutes", 720, "minutes from its start until it is cancelled; 0: never")
	flags.StringVar(&b.mode, "mode", "", "BATCH or STREAMING")
	flags.StringVar(&b.onDisconnect, "on-disconnect", "", "FENCE or KEEP: what happens to its workers on a node that is cut off")
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

func (s *size) bind(c *cobra.Command, who string) {
	c.Flags().Var(&s.cpu, who+"-cpu", "process: vCPU of the "+who+", such as 0.5; by default 1")
	c.Flags().Var(&s.memory, who+"-memory", "process: memory of the "+who+", such as 512m; by default 2GB")
	c.Flags().Var(&s.disk, who+"-disk", "process: disk of the "+who+"; by default 20GB")
}

func (b *submission) start(c *cobra.Command, s *session, args []string) error {
	const doing = "start job run"
	request, err := b.build(c, args)
	if err != nil {
		return fail(doing, err)
	}
	return s.call(doing, func(cl *client.Client) error {
		answer, err := jobRuns(cl).StartJobRun(c.Context(), request)
		if err != nil {
			return fail(doing, err)
		}
		run := answer.GetJobRun()
		if b.wait {
			return s.finish(c.Context(), cl, run.GetApplicationId(), run.GetJobRunId())
		}
		return s.print(answer, func() error { return say(s, "job run %s is %s\n", run.GetJobRunId(), run.GetState()) })
	})
}

// build makes the request from the file, if there is one, and the flags that were given.
func (b *submission) build(c *cobra.Command, args []string) (*controlv1.StartJobRunRequest, error) {
	r := &controlv1.StartJobRunRequest{}
	if err := readRequest(b.file, r); err != nil {
		return nil, err
	}
	r.ApplicationId = args[0]
	if err := b.setCommon(c, r); err != nil {
		return nil, err
	}
	flags := c.Flags()
	switch {
	case flags.Changed("entry-point") && b.command:
		return nil, errs.Field("command", "cannot be given with --entry-point: a run is either of Spark or a process")
	case b.command:
		return r, b.setProcess(r, args[1:])
	case len(args) > 1:
		return nil, errs.Field("command", "cannot use %q: a process is given as --command -- PROGRAM ARGUMENT...", args[1])
	case flags.Changed("entry-point") || flags.Changed("arg") || flags.Changed("spark-submit-parameters") || flags.Changed("conf"):
		b.setSpark(r)
	}
	return r, nil
}

// readRequest reads a request in the API's names; what it does not know is an error.
func readRequest(path string, r *controlv1.StartJobRunRequest) error {
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return errs.Field("file", "cannot read the request: %w", err)
	}
	var tree any
	if err := yaml.Unmarshal(content, &tree); err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	if err := protojson.Unmarshal(raw, r); err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	return nil
}

func (b *submission) setCommon(c *cobra.Command, r *controlv1.StartJobRunRequest) error {
	set := map[string]func(){
		"name": func() { r.Name = b.name }, "execution-role": func() { r.ExecutionRole = b.role }, "client-token": func() { r.ClientToken = b.token },
		"mode": func() { r.Mode = b.mode }, "on-disconnect": func() { r.OnDisconnect = b.onDisconnect },
		"timeout-minutes": func() { r.ExecutionTimeoutMinutes = &b.timeout },
		"max-attempts":    func() { r.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: b.maxAttempts} },
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
	return err
}

func (b *submission) setSpark(r *controlv1.StartJobRunRequest) {
	spark := r.GetSparkSubmit()
	if spark == nil {
		spark = &controlv1.SparkSubmit{}
	}
	if b.spark.EntryPoint != "" {
		spark.EntryPoint = b.spark.EntryPoint
	}
	if len(b.spark.EntryPointArguments) > 0 {
		spark.EntryPointArguments = b.spark.EntryPointArguments
	}
	words := []string{spark.SparkSubmitParameters}
	if b.spark.SparkSubmitParameters != "" {
		words = []string{b.spark.SparkSubmitParameters}
	}
	for _, pair := range b.conf {
		words = append(words, "--conf "+quote(pair))
	}
	spark.SparkSubmitParameters = strings.TrimSpace(strings.Join(words, " "))
	r.Driver = &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: spark}
}

// quote keeps a word whole in the parameters, which are split as a shell does.
func quote(word string) string {
	if !strings.ContainsAny(word, " \t\n'\"\\") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func (b *submission) setProcess(r *controlv1.StartJobRunRequest, command []string) error {
	environment, err := tags(b.env)
	if err != nil {
		return err
	}
	p := &controlv1.Process{Command: command, TaskCommand: strings.Fields(b.task), Tasks: b.process.GetTasks(), TaskRetries: b.process.GetTaskRetries(),
		Environment: environment, DriverSize: b.driverSize.resources(), TaskSize: b.taskSize.resources()}
	r.Driver = &controlv1.StartJobRunRequest_Process{Process: p}
	return nil
}
