package http

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// jobRun is what the cluster says of a run and an attempt of it, and beside it what its user said.
func jobRun(r *controlv1.JobRun, a *controlv1.Attempt) *codec.Node {
	var m object
	m.text("applicationId", r.GetApplicationId())
	m.text("jobRunId", r.GetJobRunId())
	m.some("name", r.GetSpec().GetName())
	m.text("arn", r.GetArn())
	m.text("createdBy", user(r))
	m.time("createdAt", r.GetCreatedAt())
	m.time("updatedAt", r.GetUpdatedAt())
	m.text("executionRole", role(r))
	m.text("state", stateOf(r, a))
	m.text("stateDetails", cut(detailsOf(r, a)))
	m.text("releaseLabel", r.GetReleaseLabel())
	m.texts("tags", r.GetSpec().GetTags())
	m.take(codec.API.Encode(r.GetSpec()), "name", "executionRoleArn", "tags")
	platform(&m, r)
	utilizations(&m, r)
	m.number("attempt", int64(a.GetAttempt()))
	m.time("attemptCreatedAt", a.GetCreatedAt())
	m.time("attemptUpdatedAt", changed(a))
	m.time("startedAt", r.GetStartedAt())
	m.time("endedAt", r.GetEndedAt())
	m.number("queuedDurationMilliseconds", r.GetQueuedMilliseconds())
	return m.node()
}

// platform is what its application says of where its workers are, if it says anything.
func platform(m *object, r *controlv1.JobRun) {
	if r.GetNetwork() != nil {
		m.add("networkConfiguration", codec.API.Encode(r.GetNetwork()))
	}
	if r.GetImage() != nil {
		image := codec.API.Encode(r.GetImage())
		resolve(image)
		m.add("imageConfiguration", image)
	}
}

// utilizations is what a run used, as far as it is known: what is billed only once it has ended.
func utilizations(m *object, r *controlv1.JobRun) {
	if r.GetStartedAt() != nil {
		m.add("totalResourceUtilization", utilization(r.GetTotalUtilization()))
	}
	if r.GetEndedAt() != nil {
		m.add("billedResourceUtilization", utilization(r.GetBilledUtilization()))
		m.number("totalExecutionDurationSeconds", r.GetExecutionSeconds())
	}
}

func jobRunSummary(r *controlv1.JobRun) *codec.Node {
	var m object
	summarize(&m, r, newest(r))
	m.time("attemptCreatedAt", r.GetAttemptCreatedAt())
	m.time("attemptUpdatedAt", r.GetAttemptUpdatedAt())
	return m.node()
}

// jobRunAttempt is a run with what is an attempt's own.
func jobRunAttempt(r *controlv1.JobRun, a *controlv1.Attempt) *codec.Node {
	var m object
	summarize(&m, r, try{
		number:  a.GetAttempt(),
		state:   stateOf(r, a),
		details: detailsOf(r, a),
		created: a.GetCreatedAt(),
		updated: changed(a),
	})
	m.time("jobCreatedAt", r.GetCreatedAt())
	return m.node()
}

// try is what a list says of an attempt.
type try struct {
	number           uint32
	state, details   string
	created, updated *timestamppb.Timestamp
}

// newest is what a list of runs says of each.
func newest(r *controlv1.JobRun) try {
	return try{
		number:  r.GetAttempt(),
		state:   r.GetState(),
		details: r.GetStateDetails(),
		created: r.GetCreatedAt(),
		updated: r.GetUpdatedAt(),
	}
}

func summarize(m *object, r *controlv1.JobRun, t try) {
	m.text("applicationId", r.GetApplicationId())
	m.text("id", r.GetJobRunId())
	m.some("name", r.GetSpec().GetName())
	m.text("mode", codec.EnumName(r.GetSpec().GetMode()))
	m.text("arn", r.GetArn())
	m.text("createdBy", user(r))
	m.time("createdAt", t.created)
	m.time("updatedAt", t.updated)
	m.text("executionRole", role(r))
	m.text("state", t.state)
	m.text("stateDetails", cut(t.details))
	m.text("releaseLabel", r.GetReleaseLabel())
	m.text("type", runType(r))
	m.number("attempt", int64(t.number))
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
	if strings.HasPrefix(r.GetSpec().GetExecutionRole(), "arn:") {
		return r.GetSpec().GetExecutionRole()
	}
	return "arn:aws:iam::" + account(r.GetArn()) + ":role/" + nameInARN(r.GetSpec().GetExecutionRole())
}

// user names the user who submitted a run, by an ARN.
func user(r *controlv1.JobRun) string {
	if strings.HasPrefix(r.GetCreatedBy(), "arn:") {
		return r.GetCreatedBy()
	}
	return "arn:aws:iam::" + account(r.GetArn()) + ":user/" + nameInARN(r.GetCreatedBy())
}

var notInARN = regexp.MustCompile(`[^\w/+=,.@-]`)

func nameInARN(name string) string { return notInARN.ReplaceAllString(name, "-") }

// runType names the engine of a run.
func runType(r *controlv1.JobRun) string {
	switch driver := r.GetSpec().GetDriver(); {
	case driver.HasSparkSubmit():
		return "SPARK"
	case driver.HasHive():
		return "HIVE"
	}
	return "PROCESS"
}

func utilization(u *controlv1.Utilization) *codec.Node {
	var m object
	m.fraction("vCPUHour", u.GetVcpuHours())
	m.fraction("memoryGBHour", u.GetMemoryGbHours())
	m.fraction("storageGBHour", u.GetStorageGbHours())
	return m.node()
}
