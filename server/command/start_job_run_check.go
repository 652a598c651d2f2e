package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	"github.com/headrace/headrace/server/command/configuration"
)

// checkGates holds that the application's release can do what the run asks for. PROCESS runs have no release and no gates.
func checkGates(application *state.Application, s *state.Submission) error {
	if err := configuration.Check(application.Engine, application.Release, "configuration", s.Configuration); err != nil {
		return err
	}
	if application.Engine == state.EngineProcess {
		return nil
	}
	release := application.Release
	switch {
	case s.Streaming && application.Engine == state.EngineHive:
		return errs.Field("mode", "a HIVE run cannot be STREAMING; only SPARK runs can")
	case s.Streaming && releases.Before(release, releases.SinceStreaming):
		return errs.Field("mode", "release %s cannot run STREAMING: it needs emr-%s or newer", release, releases.SinceStreaming)
	case s.MaxAttempts > 1 && releases.Before(release, releases.SinceRetries):
		return errs.Field("retry_policy.max_attempts", "release %s cannot retry: more than one attempt needs emr-%s or newer", release, releases.SinceRetries)
	case s.MaxFailures > 0 && releases.Before(release, releases.SinceRetries):
		return errs.Field("retry_policy.max_failed_attempts_per_hour", "release %s cannot retry: it needs emr-%s or newer", release, releases.SinceRetries)
	}
	return nil
}

// checkRunnable refuses what this version cannot run at all. It is asked last, so that a submission with another fault hears of
// that one first.
func checkRunnable(engine state.Engine) error {
	if engine == state.EngineHive {
		return errs.Field("driver", "this cluster has no Hive engine yet: the submission is valid, and cannot run; SPARK and PROCESS runs can")
	}
	return nil
}
