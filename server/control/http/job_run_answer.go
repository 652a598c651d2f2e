package http

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

func jobRun(r *controlv1.JobRun, a *controlv1.Attempt) wire.JobRun {
	m := wire.JobRun{ApplicationID: r.GetApplicationId(), JobRunID: r.GetJobRunId(), Name: r.GetName(), ARN: r.GetArn(), CreatedBy: user(r), CreatedAt: wire.Time(r.GetCreatedAt()),
		UpdatedAt: wire.Time(r.GetUpdatedAt()), ExecutionRole: role(r), State: stateOf(r, a), StateDetails: cut(detailsOf(r, a)), ReleaseLabel: r.GetReleaseLabel(),
		Overrides: overrides(r), Driver: driver(r), Tags: tags(r.GetTags()), ExecutionTimeoutMinutes: r.GetExecutionTimeoutMinutes(), Mode: r.GetMode(),
		RetryPolicy: retryPolicy(r), Attempt: a.GetAttempt(), AttemptCreatedAt: wire.OptionalTime(a.GetCreatedAt()), AttemptUpdatedAt: wire.OptionalTime(changed(a)),
		StartedAt: wire.OptionalTime(r.GetStartedAt()), EndedAt: wire.OptionalTime(r.GetEndedAt())}
	if p := r.GetExecutionPolicy(); p != nil {
		m.ExecutionPolicy = &wire.ExecutionPolicy{Policy: p.GetPolicy(), ARNs: p.GetPolicyArns()}
	}
	if r.GetStartedAt() != nil {
		m.TotalUtilization = utilization(r.GetTotalUtilization())
	}
	if r.GetEndedAt() != nil {
		seconds := r.GetExecutionSeconds()
		m.BilledUtilization, m.ExecutionSeconds = utilization(r.GetBilledUtilization()), &seconds
	}
	return m
}

func jobRunSummary(r *controlv1.JobRun) wire.JobRunSummary {
	return wire.JobRunSummary{ApplicationID: r.GetApplicationId(), ID: r.GetJobRunId(), Name: r.GetName(), Mode: r.GetMode(), ARN: r.GetArn(), CreatedBy: user(r),
		CreatedAt: wire.Time(r.GetCreatedAt()), UpdatedAt: wire.Time(r.GetUpdatedAt()), ExecutionRole: role(r), State: r.GetState(), StateDetails: cut(r.GetStateDetails()),
		ReleaseLabel: r.GetReleaseLabel(), Type: runType(r), Attempt: r.GetAttempt()}
}

// jobRunAttempt is a run with what is an attempt's own.
func jobRunAttempt(r *controlv1.JobRun, a *controlv1.Attempt) wire.JobRunAttempt {
	m := wire.JobRunAttempt{JobRunSummary: jobRunSummary(r), JobCreatedAt: wire.Time(r.GetCreatedAt())}
	m.Attempt, m.State, m.StateDetails = a.GetAttempt(), stateOf(r, a), cut(detailsOf(r, a))
	m.CreatedAt, m.UpdatedAt = wire.Time(a.GetCreatedAt()), wire.Time(changed(a))
	return m
}

// stateOf is the run's state at its newest attempt; earlier ones have their own.
func stateOf(r *controlv1.JobRun, a *controlv1.Attempt) string {
	if a.GetAttempt() == r.GetAttempt() {
		return r.GetState()
	}
	switch a.GetState() {
	case "WAITING":
		return "PENDING"
	case "SUCCEEDED":
		return "SUCCESS"
	}
	return a.GetState()
}

func detailsOf(r *controlv1.JobRun, a *controlv1.Attempt) string {
	if a.GetAttempt() == r.GetAttempt() {
		return r.GetStateDetails()
	}
	return a.GetFailure().GetMessage()
}

// changed is when an attempt last changed.
func changed(a *controlv1.Attempt) *timestamppb.Timestamp {
	for _, at := range []*timestamppb.Timestamp{a.GetEndedAt(), a.GetRunningAt(), a.GetScheduledAt()} {
		if at != nil {
			return at
		}
	}
	return a.GetCreatedAt()
}

// account is that of an ARN.
func account(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// role names a run's identity by an ARN, as the API does.
func role(r *controlv1.JobRun) string {
	if strings.HasPrefix(r.GetExecutionRole(), "arn:") {
		return r.GetExecutionRole()
	}
	return "arn:aws:iam::" + account(r.GetArn()) + ":role/" + nameInARN(r.GetExecutionRole())
}

// user names who submitted a run by an ARN.
func user(r *controlv1.JobRun) string {
	if strings.HasPrefix(r.GetCreatedBy(), "arn:") {
		return r.GetCreatedBy()
	}
	return "arn:aws:iam::" + account(r.GetArn()) + ":user/" + nameInARN(r.GetCreatedBy())
}

var notInARN = regexp.MustCompile(`[^\w/+=,.@-]`)

func nameInARN(name string) string { return notInARN.ReplaceAllString(name, "-") }

func overrides(r *controlv1.JobRun) *wire.Overrides {
	if len(r.GetConfiguration()) == 0 && r.GetMonitoring() == nil && r.GetDiskEncryption() == nil {
		return nil
	}
	return &wire.Overrides{ApplicationConfiguration: configurationsOf(r.GetConfiguration()), Monitoring: monitoringOf(r.GetMonitoring()),
		DiskEncryption: diskEncryptionOf(r.GetDiskEncryption())}
}

func driver(r *controlv1.JobRun) (d wire.JobDriver) {
	switch m := r.GetDriver().(type) {
	case *controlv1.JobRun_SparkSubmit:
		d.SparkSubmit = &wire.SparkSubmit{EntryPoint: m.SparkSubmit.GetEntryPoint(), Arguments: m.SparkSubmit.GetEntryPointArguments(),
			Parameters: m.SparkSubmit.GetSparkSubmitParameters()}
	case *controlv1.JobRun_Hive:
		d.Hive = &wire.Hive{Query: m.Hive.GetQuery(), InitQueryFile: m.Hive.GetInitQueryFile(), Parameters: m.Hive.GetParameters()}
	case *controlv1.JobRun_Process:
		d.Process = &wire.Process{Command: m.Process.GetCommand(), Tasks: m.Process.GetTasks()}
	}
	return d
}

func runType(r *controlv1.JobRun) string {
	switch r.GetDriver().(type) {
	case *controlv1.JobRun_SparkSubmit:
		return "SPARK"
	case *controlv1.JobRun_Hive:
		return "HIVE"
	}
	return "PROCESS"
}

func retryPolicy(r *controlv1.JobRun) *wire.RetryPolicy {
	p := r.GetRetryPolicy()
	attempts, failures := int32(p.GetMaxAttempts()), int32(p.GetMaxFailedAttemptsPerHour())
	if r.GetMode() == "STREAMING" {
		return &wire.RetryPolicy{MaxFailedAttemptsPerHour: &failures}
	}
	return &wire.RetryPolicy{MaxAttempts: &attempts}
}

func utilization(u *controlv1.Utilization) *wire.Utilization {
	return &wire.Utilization{VCPUHour: u.GetVcpuHours(), MemoryGBHour: u.GetMemoryGbHours(), StorageGBHour: u.GetStorageGbHours()}
}
