package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The words in which tests say what users say of runs.

// running is a run in its first attempt.
func running(id, application, release string, said specv1.JobRun_builder) state.JobRun {
	return state.JobRun{
		ID:          id,
		Application: application,
		Release:     release,
		Spec:        said.Build(),
		State:       state.RunRunning,
		Attempt:     1,
	}
}

// sparkRun is a Spark run with parameters of spark-submit.
func sparkRun(parameters string) specv1.JobRun_builder {
	program := specv1.SparkSubmit_builder{EntryPoint: new("file:///x.py"), SparkSubmitParameters: &parameters}.Build()
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{SparkSubmit: program}.Build()}
}

// processRun is a PROCESS run.
func processRun(program specv1.Process_builder) specv1.JobRun_builder {
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: program.Build()}.Build()}
}

// attempts is a policy of a batch run.
func attempts(max uint32) *specv1.RetryPolicy {
	return specv1.RetryPolicy_builder{MaxAttempts: &max}.Build()
}

// sending is monitoring with logs that go to a place, or to nowhere else.
func sending(uri string) *specv1.Monitoring {
	to := &specv1.S3Monitoring{}
	if uri != "" {
		to.SetLogUri(uri)
	}
	return specv1.Monitoring_builder{S3: to}.Build()
}

// managed is monitoring with logs in the cluster's own storage, or not.
func managed(enabled bool) *specv1.Monitoring {
	own := specv1.ManagedPersistence_builder{Enabled: &enabled}.Build()
	return specv1.Monitoring_builder{ManagedPersistence: own}.Build()
}

// monitored gives a run monitoring of its own.
func monitored(m *specv1.Monitoring) *specv1.ConfigurationOverrides {
	return specv1.ConfigurationOverrides_builder{Monitoring: m}.Build()
}
