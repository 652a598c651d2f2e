package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
)

// checkGates holds that the application's release can do what the run asks for. PROCESS runs have no release and no
// gates.
func checkGates(application *state.Application, s *specv1.JobRun) error {
	const field = "spec.configuration_overrides.application_configuration"
	settings := s.GetConfigurationOverrides().GetApplicationConfiguration()
	if err := configuration.Check(application.Engine, application.Release, field, settings); err != nil {
		return err
	}
	if application.Engine == state.EngineProcess {
		return nil
	}
	if err := checkMode(application, s); err != nil {
		return err
	}
	prometheus := s.GetConfigurationOverrides().GetMonitoring().GetPrometheus()
	if prometheus.GetRemoteWriteUrl() != "" && releases.Before(application.Release, releases.SincePrometheus) {
		return errs.Field("spec.configuration_overrides.monitoring.prometheus",
			"release %s cannot send metrics to a remote Prometheus: that needs emr-%s or newer",
			application.Release, releases.SincePrometheus)
	}
	return checkRetries(application.Release, s.GetRetryPolicy())
}

// checkMode holds that engine and release can run a streaming run.
func checkMode(application *state.Application, s *specv1.JobRun) error {
	if s.GetMode() != specv1.JobRunMode_JOB_RUN_MODE_STREAMING {
		return nil
	}
	if application.Engine == state.EngineHive {
		return errs.Field("spec.mode", "a HIVE run cannot be STREAMING; only SPARK runs can")
	}
	if releases.Before(application.Release, releases.SinceStreaming) {
		return errs.Field("spec.mode", "release %s cannot run STREAMING: it needs emr-%s or newer",
			application.Release, releases.SinceStreaming)
	}
	return nil
}

// checkRetries holds that the release can try a run again.
func checkRetries(release string, policy *specv1.RetryPolicy) error {
	if !releases.Before(release, releases.SinceRetries) {
		return nil
	}
	if policy.GetMaxAttempts() > 1 {
		return errs.Field("spec.retry_policy.max_attempts",
			"release %s cannot retry: more than one attempt needs emr-%s or newer", release, releases.SinceRetries)
	}
	if policy.GetMaxFailedAttemptsPerHour() > 0 {
		return errs.Field("spec.retry_policy.max_failed_attempts_per_hour",
			"release %s cannot retry: it needs emr-%s or newer", release, releases.SinceRetries)
	}
	return nil
}

// checkRunnable refuses what this version cannot run at all. It is called last, so that the user of a submission with
// another fault hears of that fault first.
func checkRunnable(engine state.Engine) error {
	if engine == state.EngineHive {
		return errs.Field("spec.driver",
			"this cluster has no Hive engine yet: the submission is valid, and cannot run; SPARK and PROCESS runs can")
	}
	return nil
}
