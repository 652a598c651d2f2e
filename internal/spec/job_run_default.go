package spec

import (
	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The defaults of a job run.
const (
	DefaultRole              = "default"
	DefaultTimeoutMinutes    = 720 // of a batch run; a stream has none
	DefaultMaxAttempts       = 1   // of a batch run
	DefaultMaxFailedAttempts = 5   // of a stream, per hour
)

// DefaultJobRun returns a submission with every default written out and without messages that say nothing. Parts of
// monitoring stay even if they are empty: they remove what is inherited from the application. It does not check
// anything: what is wrong stays wrong.
func DefaultJobRun(said *specv1.JobRun) *specv1.JobRun {
	r := &specv1.JobRun{}
	if said != nil {
		r = proto.CloneOf(said)
	}
	logWords(r.GetConfigurationOverrides().GetMonitoring())
	jobRunOutline().prune(r.ProtoReflect(), true)
	if !r.HasExecutionRole() {
		r.SetExecutionRole(DefaultRole)
	}
	if !r.HasMode() {
		r.SetMode(specv1.JobRunMode_JOB_RUN_MODE_BATCH)
	}
	if !r.HasOnDisconnect() {
		r.SetOnDisconnect(specv1.OnDisconnect_ON_DISCONNECT_FENCE)
	}
	defaultMode(r)
	defaultProcess(r.GetDriver().GetProcess())
	return r
}

// defaultMode says how long it may run and when it is tried again, which batch and streaming runs have apart.
func defaultMode(r *specv1.JobRun) {
	if !r.HasRetryPolicy() {
		r.SetRetryPolicy(&specv1.RetryPolicy{})
	}
	timeout := int64(DefaultTimeoutMinutes)
	policy := r.GetRetryPolicy()
	switch streaming := r.GetMode() == specv1.JobRunMode_JOB_RUN_MODE_STREAMING; {
	case !streaming && !policy.HasMaxAttempts():
		policy.SetMaxAttempts(DefaultMaxAttempts)
	case streaming:
		timeout = 0
		if !policy.HasMaxFailedAttemptsPerHour() {
			policy.SetMaxFailedAttemptsPerHour(DefaultMaxFailedAttempts)
		}
	}
	if !r.HasExecutionTimeoutMinutes() {
		r.SetExecutionTimeoutMinutes(timeout)
	}
}
