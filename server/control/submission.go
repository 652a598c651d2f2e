package control

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
)

// The defaults and bounds of a submission (specification of jobs, sections 2, 4 and 11).
const (
	defaultTimeout     = 720 // minutes, batch
	maxTimeout         = 1_000_000
	maxAttempts        = 10
	defaultMaxFailures = 5
	maxArguments       = 1024
	maxTasks           = 1000
	maxTaskRetries     = 100
	defaultRole        = "default"
)

// startOf checks the shape of a submission and turns it into a command.
func startOf(r *controlv1.StartJobRunRequest) (*command.StartJobRun, error) {
	s := &state.Submission{Name: r.GetName(), ExecutionRole: r.GetExecutionRole(), Configuration: configurationsOf(r.GetConfiguration()),
		Streaming: r.GetMode() == "STREAMING", Keep: r.GetOnDisconnect() == "KEEP"}
	if s.ExecutionRole == "" {
		s.ExecutionRole = defaultRole
	}
	start := &command.StartJobRun{ApplicationID: r.GetApplicationId(), Submission: s, Tags: r.GetTags()}
	for _, check := range []func(*controlv1.StartJobRunRequest, *command.StartJobRun) error{checkWords, setPolicy, setProgram} {
		if err := check(r, start); err != nil {
			return nil, err
		}
	}
	if err := checkConfigurations("configuration", s.Configuration, 0); err != nil {
		return nil, err
	}
	return start, checkTags(start.Tags)
}

func checkWords(r *controlv1.StartJobRunRequest, _ *command.StartJobRun) error {
	switch {
	case utf8.RuneCountInString(r.GetName()) > 256:
		return errs.Field("name", "it has %d characters; the most is 256", utf8.RuneCountInString(r.GetName()))
	case !slices.Contains([]string{"", "BATCH", "STREAMING"}, r.GetMode()):
		return errs.Field("mode", "%q is neither BATCH nor STREAMING", r.GetMode())
	case !slices.Contains([]string{"", "FENCE", "KEEP"}, r.GetOnDisconnect()):
		return errs.Field("on_disconnect", "%q is neither FENCE nor KEEP", r.GetOnDisconnect())
	}
	return nil
}

// setPolicy takes retries and timeout, which batch and streaming runs have apart.
func setPolicy(r *controlv1.StartJobRunRequest, start *command.StartJobRun) error {
	s, policy := start.Submission, r.GetRetryPolicy()
	s.MaxAttempts, s.MaxFailures = max(policy.GetMaxAttempts(), 1), policy.GetMaxFailedAttemptsPerHour()
	if s.Streaming && s.MaxFailures == 0 {
		s.MaxFailures = defaultMaxFailures
	}
	minutes := int64(defaultTimeout)
	if s.Streaming {
		minutes = 0
	}
	if r.ExecutionTimeoutMinutes != nil {
		minutes = r.GetExecutionTimeoutMinutes()
	}
	s.Timeout = time.Duration(minutes) * time.Minute
	switch {
	case s.Streaming && policy.GetMaxAttempts() != 0:
		return errs.Field("retry_policy.max_attempts", "a STREAMING run is retried without end; bound it with max_failed_attempts_per_hour")
	case !s.Streaming && policy.GetMaxFailedAttemptsPerHour() != 0:
		return errs.Field("retry_policy.max_failed_attempts_per_hour", "only a STREAMING run has it; a BATCH run has max_attempts")
	case s.MaxAttempts > maxAttempts:
		return errs.Field("retry_policy.max_attempts", "%d is not between 1 and %d", s.MaxAttempts, maxAttempts)
	case s.MaxFailures > maxAttempts:
		return errs.Field("retry_policy.max_failed_attempts_per_hour", "%d is not between 1 and %d", s.MaxFailures, maxAttempts)
	case s.Streaming && minutes != 0:
		return errs.Field("execution_timeout_minutes", "a STREAMING run has no timeout, so it is 0 or absent, not %d", minutes)
	case minutes < 0 || minutes > maxTimeout:
		return errs.Field("execution_timeout_minutes", "%d is not between 0 and %d", minutes, maxTimeout)
	}
	return nil
}

func setProgram(r *controlv1.StartJobRunRequest, start *command.StartJobRun) error {
	s := start.Submission
	switch d := r.GetDriver().(type) {
	case *controlv1.StartJobRunRequest_SparkSubmit:
		s.Spark = &state.SparkSubmit{EntryPoint: d.SparkSubmit.GetEntryPoint(), Arguments: d.SparkSubmit.GetEntryPointArguments(), Parameters: d.SparkSubmit.GetSparkSubmitParameters()}
		if len(s.Spark.Arguments) > maxArguments {
			return errs.Field("spark_submit.entry_point_arguments", "%d arguments are more than %d", len(s.Spark.Arguments), maxArguments)
		}
		return nil
	case *controlv1.StartJobRunRequest_Hive:
		s.Hive = &state.Hive{Query: d.Hive.GetQuery(), InitQueryFile: d.Hive.GetInitQueryFile(), Parameters: d.Hive.GetParameters()}
		return nil
	case *controlv1.StartJobRunRequest_Process:
		return setProcess(d.Process, start)
	}
	return errs.Field("driver", "a job run needs exactly one of spark_submit, hive and process")
}

func setProcess(p *controlv1.Process, start *command.StartJobRun) error {
	start.Submission.Process = &state.Process{Command: p.GetCommand(), TaskCommand: p.GetTaskCommand(), Tasks: p.GetTasks(), TaskRetries: p.GetTaskRetries(), Environment: p.GetEnvironment()}
	start.DriverSize, start.WorkerSize = processSize(p.GetDriverSize()), processSize(p.GetTaskSize())
	switch {
	case len(p.GetCommand()) == 0 || p.GetCommand()[0] == "":
		return errs.Field("process.command", "it names no program")
	case p.GetTasks() > maxTasks:
		return errs.Field("process.tasks", "%d is not between 0 and %d", p.GetTasks(), maxTasks)
	case p.GetTaskRetries() > maxTaskRetries:
		return errs.Field("process.task_retries", "%d is not between 0 and %d", p.GetTaskRetries(), maxTaskRetries)
	}
	if err := checkSize("process.driver_size", start.DriverSize.Vector); err != nil {
		return err
	}
	return checkSize("process.task_size", start.WorkerSize.Vector)
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

func checkSize(field string, v resource.Vector) error {
	most := resource.Vector{MilliCPU: 1 << 20, MemoryMiB: 1 << 30, DiskMiB: 1 << 40}
	if v.MilliCPU < 0 || v.MemoryMiB < 0 || v.DiskMiB < 0 || !v.FitsIn(most) {
		return errs.Field(field, "%s is not a size: every part is above 0 and at most %s", v, most)
	}
	return nil
}
