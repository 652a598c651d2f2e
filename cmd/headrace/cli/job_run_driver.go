package cli

import (
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// sparkFlags are the flags of a Spark run's program.
type sparkFlags struct {
	entryPoint string
	arguments  []string
	parameters string
	conf       []string
}

// sparkFields are the fields of a submission that the flags of a Spark run's program set.
var sparkFields = []fieldFlag{
	{"entry-point", "spec.driver.spark_submit.entry_point"},
	{"arg", "spec.driver.spark_submit.entry_point_arguments"},
	{"spark-submit-parameters", "spec.driver.spark_submit.spark_submit_parameters"},
	{"conf", "spec.driver.spark_submit.spark_submit_parameters"},
}

func (f *sparkFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.entryPoint, "entry-point", "",
		"Spark: the Python file or JAR, as a URI, or as ./FILE of this machine")
	flags.StringArrayVar(&f.arguments, "arg", nil, "Spark: an argument of the program; may be repeated")
	flags.StringVar(&f.parameters, "spark-submit-parameters", "", "Spark: parameters in spark-submit's own words")
	flags.StringArrayVar(&f.conf, "conf", nil,
		"Spark: KEY=VALUE, the same as --conf in the parameters; may be repeated")
}

// over gives a run what the flags say of its program.
func (f *sparkFlags) over(r *specv1.JobRun) {
	spark := r.GetDriver().GetSparkSubmit()
	if spark == nil {
		spark = &specv1.SparkSubmit{}
	}
	if f.entryPoint != "" {
		spark.SetEntryPoint(f.entryPoint)
	}
	if len(f.arguments) > 0 {
		spark.SetEntryPointArguments(f.arguments)
	}
	words := []string{spark.GetSparkSubmitParameters()}
	if f.parameters != "" {
		words = []string{f.parameters}
	}
	for _, pair := range f.conf {
		words = append(words, "--conf "+quote(pair))
	}
	if text := strings.TrimSpace(strings.Join(words, " ")); text != "" {
		spark.SetSparkSubmitParameters(text)
	}
	r.SetDriver(specv1.JobDriver_builder{SparkSubmit: spark}.Build())
}

// quote keeps a word whole in the parameters, which are split as a shell does.
func quote(word string) string {
	if !strings.ContainsFunc(word, unicode.IsSpace) && !strings.ContainsAny(word, `'"\`) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// processFlags are the flags of a PROCESS run's program.
type processFlags struct {
	command    bool
	task       string
	tasks      uint32
	retries    uint32
	env        []string
	driverSize size
	taskSize   size
}

// processFields are the fields of a submission that the flags of a PROCESS run's program set.
var processFields = []fieldFlag{
	{"command", "spec.driver.process.command"},
	{"task-command", "spec.driver.process.task_command"},
	{"tasks", "spec.driver.process.tasks"},
	{"task-retries", "spec.driver.process.task_retries"},
	{"env", "spec.driver.process.environment"},
	{"driver-cpu", "spec.driver.process.driver_size.milli_cpu"},
	{"driver-memory", "spec.driver.process.driver_size.memory_mib"},
	{"driver-disk", "spec.driver.process.driver_size.disk_mib"},
	{"task-cpu", "spec.driver.process.task_size.milli_cpu"},
	{"task-memory", "spec.driver.process.task_size.memory_mib"},
	{"task-disk", "spec.driver.process.task_size.disk_mib"},
}

func (f *processFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.command, "command", false,
		"process: the driver's program and arguments follow after --; ./FILE is one of this machine")
	flags.StringVar(&f.task, "task-command", "",
		"process: the tasks' program and arguments, separated by blanks; by default the driver's")
	flags.Uint32Var(&f.tasks, "tasks", 0, "process: how many tasks")
	flags.Uint32Var(&f.retries, "task-retries", 0, "process: how often a lost or failed task starts again")
	flags.StringArrayVar(&f.env, "env", nil, "process: KEY=VALUE of driver and tasks; may be repeated")
	f.driverSize.bind(c, "driver")
	f.taskSize.bind(c, "task")
}

// over gives a run what the flags say of its program; command is what follows after --.
func (f *processFlags) over(c *cobra.Command, r *specv1.JobRun, command []string) error {
	environment, err := tags("--env", f.env)
	if err != nil {
		return err
	}
	p := r.GetDriver().GetProcess()
	if p == nil {
		p = &specv1.Process{}
	}
	if f.command {
		p.SetCommand(command)
	}
	if given(c, "task-command") {
		p.SetTaskCommand(strings.Fields(f.task))
	}
	if given(c, "tasks") {
		p.SetTasks(f.tasks)
	}
	if given(c, "task-retries") {
		p.SetTaskRetries(f.retries)
	}
	if given(c, "env") {
		p.SetEnvironment(environment)
	}
	p.SetDriverSize(f.driverSize.over(p.GetDriverSize()))
	p.SetTaskSize(f.taskSize.over(p.GetTaskSize()))
	r.SetDriver(specv1.JobDriver_builder{Process: p}.Build())
	return nil
}
