package control

import (
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
)

// The defaults and bounds of a submission (specification of jobs, sections 2, 4 and 11).
const (
	defaultTimeout     = 720 // minutes, batch
	maxTimeout         = 1_000_000
	maxAttempts        = 10
	defaultMaxFailures = 5
	maxName            = 256
	maxRole            = 2048
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
	for _, check := range []func(*controlv1.StartJobRunRequest, *command.StartJobRun) error{checkWords, setPolicy, setProgram, setOverrides} {
		if err := check(r, start); err != nil {
			return nil, err
		}
	}
	return start, command.CheckTags("tags", start.Tags)
}

// setOverrides takes the run's own settings.
func setOverrides(r *controlv1.StartJobRunRequest, start *command.StartJobRun) (err error) {
	if err := checkConfigurations("configuration", start.Submission.Configuration); err != nil {
		return err
	}
	if start.Submission.Monitoring, err = monitoringOf(r.GetMonitoring()); err != nil {
		return err
	}
	if start.Submission.DiskEncryption, err = diskEncryptionOf("disk_encryption", r.GetDiskEncryption()); err != nil {
		return err
	}
	start.Submission.ExecutionPolicy, err = executionPolicyOf(r.GetExecutionPolicy())
	return err
}

func checkWords(r *controlv1.StartJobRunRequest, _ *command.StartJobRun) error {
	switch {
	case !slices.Contains([]string{"", "BATCH", "STREAMING"}, r.GetMode()):
		return errs.Field("mode", "%.60q is neither BATCH nor STREAMING", r.GetMode())
	case !slices.Contains([]string{"", "FENCE", "KEEP"}, r.GetOnDisconnect()):
		return errs.Field("on_disconnect", "%.60q is neither FENCE nor KEEP", r.GetOnDisconnect())
	case r.GetMode() == "STREAMING" && (r.GetHive() != nil || r.GetProcess() != nil):
		return errs.Field("mode", "only a Spark run can be STREAMING, and this one has the driver of another engine")
	}
	if err := checkLine("name", r.GetName(), false, maxName); err != nil {
		return err
	}
	return checkLine("execution_role", r.GetExecutionRole(), false, maxRole)
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
