package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/command/execve"
)

// The bounds of a program (specification of the API, section 3), in characters where they are lengths.
const (
	maxEntryPoint  = 4096
	maxArguments   = 1024
	maxParameters  = 102_400
	maxQuery       = 10_280
	maxInitQuery   = 256
	maxTasks       = 1000
	maxTaskRetries = 100
)

func setProgram(r *controlv1.StartJobRunRequest, start *command.StartJobRun) error {
	switch d := r.GetDriver().(type) {
	case *controlv1.StartJobRunRequest_SparkSubmit:
		return setSpark(d.SparkSubmit, start)
	case *controlv1.StartJobRunRequest_Hive:
		return setHive(d.Hive, start)
	case *controlv1.StartJobRunRequest_Process:
		return setProcess(d.Process, start)
	}
	return errs.Field("driver", "a job run needs exactly one of spark_submit, hive and process")
}

func setSpark(m *controlv1.SparkSubmit, start *command.StartJobRun) error {
	start.Submission.Spark = &state.SparkSubmit{EntryPoint: m.GetEntryPoint(), Arguments: m.GetEntryPointArguments(),
		Parameters: m.GetSparkSubmitParameters()}
	if n := len(m.GetEntryPointArguments()); n > maxArguments {
		return errs.Field("spark_submit.entry_point_arguments", "%d arguments are more than %d", n, maxArguments)
	}
	if err := checkLine("spark_submit.entry_point", m.GetEntryPoint(), true, maxEntryPoint); err != nil {
		return err
	}
	if err := checkArguments("spark_submit.entry_point_arguments", m.GetEntryPointArguments()); err != nil {
		return err
	}
	return checkText("spark_submit.spark_submit_parameters", m.GetSparkSubmitParameters(), false, maxParameters)
}

func setHive(m *controlv1.Hive, start *command.StartJobRun) error {
	start.Submission.Hive = &state.Hive{Query: m.GetQuery(), InitQueryFile: m.GetInitQueryFile(), Parameters: m.GetParameters()}
	if err := checkText("hive.query", m.GetQuery(), true, maxQuery); err != nil {
		return err
	}
	if err := checkLine("hive.init_query_file", m.GetInitQueryFile(), false, maxInitQuery); err != nil {
		return err
	}
	return checkText("hive.parameters", m.GetParameters(), false, maxParameters)
}

func setProcess(p *controlv1.Process, start *command.StartJobRun) error {
	start.Submission.Process = &state.Process{Command: p.GetCommand(), TaskCommand: p.GetTaskCommand(), Tasks: p.GetTasks(),
		TaskRetries: p.GetTaskRetries(), Environment: p.GetEnvironment()}
	start.DriverSize, start.WorkerSize = processSize(p.GetDriverSize()), processSize(p.GetTaskSize())
	switch {
	case len(p.GetCommand()) == 0 || p.GetCommand()[0] == "":
		return errs.Field("process.command", "it names no program")
	case p.GetTasks() > maxTasks:
		return errs.Field("process.tasks", "%d is not between 0 and %d", p.GetTasks(), maxTasks)
	case p.GetTaskRetries() > maxTaskRetries:
		return errs.Field("process.task_retries", "%d is not between 0 and %d", p.GetTaskRetries(), maxTaskRetries)
	}
	if err := checkVariables("process.environment", p.GetEnvironment()); err != nil {
		return err
	}
	if err := checkSize("process.driver_size", start.DriverSize.Vector); err != nil {
		return err
	}
	if err := checkSize("process.task_size", start.WorkerSize.Vector); err != nil {
		return err
	}
	return checkProcess(p)
}

// checkProcess holds that Linux can start the programs.
func checkProcess(p *controlv1.Process) error {
	if name, err := execve.Environment(p.GetEnvironment()); err != nil {
		return errs.Field("process.environment", "the variable %.60q: %w", name, err)
	}
	if err := checkCommand("process.command", p.GetCommand(), p.GetEnvironment()); err != nil {
		return err
	}
	return checkCommand("process.task_command", p.GetTaskCommand(), p.GetEnvironment())
}

func checkCommand(field string, command []string, environment map[string]string) error {
	if err := checkArguments(field, command); err != nil {
		return err
	}
	if err := execve.Total(execve.Size(command...) + execve.EnvironmentSize(environment)); err != nil {
		return errs.Field(field, "with process.environment: %w", err)
	}
	return nil
}

func checkArguments(field string, arguments []string) error {
	for i, argument := range arguments {
		if err := execve.Argument(argument); err != nil {
			return errs.Field(fmt.Sprintf("%s[%d]", field, i), "%w", err)
		}
	}
	return nil
}

// checkVariables holds that the names of variables are ones. Their values are the program's.
func checkVariables(field string, environment map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		if name == "" || strings.Contains(name, "=") {
			return errs.Field(field, "%.40q is no name of a variable: it is empty or has an equals sign", name)
		}
		if err := checkPrintable(field, fmt.Sprintf("the variable %.40q: ", name), name); err != nil {
			return err
		}
	}
	return nil
}

// processSize fills what was not said: 1 vCPU, 2 GB and 20 GB of disk.
func processSize(m *controlv1.Resources) resource.Size {
	size := resource.Size{Vector: vectorOf(m), Disk: resource.DiskStandard}
	if size.MilliCPU == 0 {
		size.MilliCPU = 1000
	}
	if size.MemoryMiB == 0 {
		size.MemoryMiB = 2 << 10
	}
	if size.DiskMiB == 0 {
		size.DiskMiB = 20 << 10
	}
	return size
}

// The smallest and the largest PROCESS workers. Smaller ones would be so many that a node is busy with itself; larger ones fit on no
// machine, and sums of what they use would not be numbers any more.
var (
	leastProcess = resource.Vector{MilliCPU: 100, MemoryMiB: 32, DiskMiB: 1}
	mostProcess  = resource.Vector{MilliCPU: 1 << 20, MemoryMiB: 1 << 24, DiskMiB: 1 << 30}
)

func checkSize(field string, v resource.Vector) error {
	if !leastProcess.FitsIn(v) || !v.FitsIn(mostProcess) {
		return errs.Field(field, "%s is no size of a worker: the least is %s, the most %s", v, leastProcess, mostProcess)
	}
	return nil
}
