package wire

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Submission makes the message of what a user asked for.
func Submission(s *state.Submission) *eventv1.Submission {
	m := &eventv1.Submission{Name: s.Name, ExecutionRole: s.ExecutionRole, Configuration: Configurations(s.Configuration),
		Mode: eventv1.JobRunMode_JOB_RUN_MODE_BATCH, MaxAttempts: s.MaxAttempts, MaxFailedAttemptsPerHour: s.MaxFailures,
		ExecutionTimeoutMinutes: int64(s.Timeout / time.Minute), OnDisconnect: eventv1.OnDisconnect_ON_DISCONNECT_FENCE,
		Monitoring: Monitoring(s.Monitoring), DiskEncryption: diskEncryption(s.DiskEncryption)}
	if s.ExecutionPolicy != nil {
		m.ExecutionPolicy = &eventv1.ExecutionPolicy{Policy: s.ExecutionPolicy.Policy, PolicyArns: s.ExecutionPolicy.ARNs}
	}
	if s.Streaming {
		m.Mode = eventv1.JobRunMode_JOB_RUN_MODE_STREAMING
	}
	if s.Keep {
		m.OnDisconnect = eventv1.OnDisconnect_ON_DISCONNECT_KEEP
	}
	setDriver(m, s)
	return m
}

func setDriver(m *eventv1.Submission, s *state.Submission) {
	switch {
	case s.Spark != nil:
		m.Driver = &eventv1.Submission_SparkSubmit{SparkSubmit: &eventv1.SparkSubmit{EntryPoint: s.Spark.EntryPoint, Arguments: s.Spark.Arguments, Parameters: s.Spark.Parameters}}
	case s.Hive != nil:
		m.Driver = &eventv1.Submission_Hive{Hive: &eventv1.Hive{Query: s.Hive.Query, InitQueryFile: s.Hive.InitQueryFile, Parameters: s.Hive.Parameters}}
	case s.Process != nil:
		m.Driver = &eventv1.Submission_Process{Process: &eventv1.Process{Command: s.Process.Command, TaskCommand: s.Process.TaskCommand,
			Tasks: s.Process.Tasks, TaskRetries: s.Process.TaskRetries, Environment: s.Process.Environment}}
	}
}

// SubmissionOf reads what a user asked for.
func SubmissionOf(m *eventv1.Submission) state.Submission {
	s := state.Submission{Name: m.GetName(), ExecutionRole: m.GetExecutionRole(), Configuration: ConfigurationsOf(m.GetConfiguration()),
		Streaming: m.GetMode() == eventv1.JobRunMode_JOB_RUN_MODE_STREAMING, MaxAttempts: m.GetMaxAttempts(), MaxFailures: m.GetMaxFailedAttemptsPerHour(),
		Timeout: time.Duration(m.GetExecutionTimeoutMinutes()) * time.Minute, Keep: m.GetOnDisconnect() == eventv1.OnDisconnect_ON_DISCONNECT_KEEP,
		Monitoring: MonitoringOf(m.GetMonitoring()), DiskEncryption: diskEncryptionOf(m.GetDiskEncryption())}
	if p := m.GetExecutionPolicy(); p != nil {
		s.ExecutionPolicy = &state.ExecutionPolicy{Policy: p.GetPolicy(), ARNs: p.GetPolicyArns()}
	}
	switch d := m.GetDriver().(type) {
	case *eventv1.Submission_SparkSubmit:
		s.Spark = &state.SparkSubmit{EntryPoint: d.SparkSubmit.GetEntryPoint(), Arguments: d.SparkSubmit.GetArguments(), Parameters: d.SparkSubmit.GetParameters()}
	case *eventv1.Submission_Hive:
		s.Hive = &state.Hive{Query: d.Hive.GetQuery(), InitQueryFile: d.Hive.GetInitQueryFile(), Parameters: d.Hive.GetParameters()}
	case *eventv1.Submission_Process:
		s.Process = &state.Process{Command: d.Process.GetCommand(), TaskCommand: d.Process.GetTaskCommand(), Tasks: d.Process.GetTasks(),
			TaskRetries: d.Process.GetTaskRetries(), Environment: d.Process.GetEnvironment()}
	}
	return s
}

// Shape makes the message of what a run's workers look like.
func Shape(s state.Shape) *eventv1.Shape {
	return &eventv1.Shape{DriverType: eventv1.WorkerType(s.Driver), DriverSize: Size(s.DriverSize), WorkerType: eventv1.WorkerType(s.Worker),
		WorkerSize: Size(s.WorkerSize), InitialWorkers: s.Initial, MinimumWorkers: s.Minimum, MaximumWorkers: s.Maximum, BatchSize: s.Batch, Paced: s.Paced}
}

// ShapeOf reads what a run's workers look like.
func ShapeOf(m *eventv1.Shape) state.Shape {
	return state.Shape{Driver: state.WorkerType(m.GetDriverType()), DriverSize: SizeOf(m.GetDriverSize()), Worker: state.WorkerType(m.GetWorkerType()),
		WorkerSize: SizeOf(m.GetWorkerSize()), Initial: m.GetInitialWorkers(), Minimum: m.GetMinimumWorkers(), Maximum: m.GetMaximumWorkers(), Batch: m.GetBatchSize(),
		Paced: m.GetPaced()}
}
