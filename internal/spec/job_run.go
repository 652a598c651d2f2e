package spec

import (
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ValidateJobRun holds a submission that has its defaults to the rules, in the order of ValidateApplication. What
// depends on its application and its release, and what Linux can start a process with, is not checked here.
func ValidateJobRun(r *specv1.JobRun) error {
	const overrides = root + ".configuration_overrides"
	const configurations = overrides + ".application_configuration"
	own := r.GetConfigurationOverrides()
	if err := checkNesting(configurations, own.GetApplicationConfiguration(), 1); err != nil {
		return err
	}
	if err := checkRules(r); err != nil {
		return err
	}
	if err := jobRunOutline().check(r.ProtoReflect()).err(); err != nil {
		return err
	}
	if err := checkProcess(r.GetDriver().GetProcess()); err != nil {
		return err
	}
	if err := checkConstraints(root+".constraints", r.GetConstraints()); err != nil {
		return err
	}
	if err := checkClassifications(configurations, own.GetApplicationConfiguration()); err != nil {
		return err
	}
	if err := checkMonitoring(overrides+".monitoring", engineOf(r.GetDriver()), own.GetMonitoring()); err != nil {
		return err
	}
	if err := CheckTags(root+".tags", r.GetTags()); err != nil {
		return err
	}
	return checkMode(r)
}

// engineOf returns the engine that a driver is for.
func engineOf(d *specv1.JobDriver) specv1.Engine {
	switch d.WhichDriver() {
	case specv1.JobDriver_SparkSubmit_case:
		return specv1.Engine_ENGINE_SPARK
	case specv1.JobDriver_Hive_case:
		return specv1.Engine_ENGINE_HIVE
	}
	return specv1.Engine_ENGINE_PROCESS
}

// checkMode holds timeout and retries to what batch and streaming runs have apart.
func checkMode(r *specv1.JobRun) error {
	streaming := r.GetMode() == specv1.JobRunMode_JOB_RUN_MODE_STREAMING
	policy := r.GetRetryPolicy()
	switch {
	case streaming && r.GetExecutionTimeoutMinutes() != 0:
		return wrong(
			root+".execution_timeout_minutes",
			"a STREAMING run has no timeout, so it is 0 or absent, not %d",
			r.GetExecutionTimeoutMinutes(),
		)
	case streaming && !r.GetDriver().HasSparkSubmit():
		return wrong(root+".mode", "only a Spark run can be STREAMING, and this one has the driver of another engine")
	case streaming && policy.HasMaxAttempts():
		return wrong(
			root+".retry_policy.max_attempts",
			"a STREAMING run is retried without end; bound it with max_failed_attempts_per_hour",
		)
	case !streaming && policy.HasMaxFailedAttemptsPerHour():
		return wrong(
			root+".retry_policy.max_failed_attempts_per_hour",
			"only a STREAMING run has it; a BATCH run has max_attempts",
		)
	}
	return nil
}
