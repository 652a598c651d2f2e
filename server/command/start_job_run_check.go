package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
)

// checkGates holds that the application's release can do what the run asks for. PROCESS runs have no release and no gates.
func checkGates(application *state.Application, s *specv1.JobRun) error {
	if err := configuration.Check(application.Engine, application.Release, "spec.configuration_overrides.application_configuration", s.GetConfigurationOverrides().GetApplicationConfiguration()); err != nil {
		return err
	}
	if application.Engine == state.EngineProcess {
		return nil
	}
	release, streaming := application.Release, s.GetMode() == specv1.JobRunMode_JOB_RUN_MODE_STREAMING
	switch policy := s.GetRetryPolicy(); {
	case streaming && application.Engine == state.EngineHive:
		return errs.Field("spec.mode", "a HIVE run cannot be STREAMING; only SPARK runs can")
	case streaming && releases.Before(release, releases.SinceStreaming):
		return errs.Field("spec.mode", "release %s cannot run STREAMING: it needs emr-%s or newer", release, releases.SinceStreaming)
	case policy.GetMaxAttempts() > 1 && releases.Before(release, releases.SinceRetries):
		return errs.Field("spec.retry_policy.max_attempts", "release %s cannot retry: more than one attempt needs emr-%s or newer", release, releases.SinceRetries)
	case policy.GetMaxFailedAttemptsPerHour() > 0 && releases.Before(release, releases.SinceRetries):
		return errs.Field("spec.retry_policy.max_failed_attempts_per_hour", "release %s cannot retry: it needs emr-%s or newer", release, releases.SinceRetries)
	}
	return nil
}

// checkRunnable refuses what this version cannot run at all. It is asked last, so that a submission with another fault hears of
// that one first.
func checkRunnable(engine state.Engine) error {
	if engine == state.EngineHive {
		return errs.Field("spec.driver", "this cluster has no Hive engine yet: the submission is valid, and cannot run; SPARK and PROCESS runs can")
	}
	return nil
}
