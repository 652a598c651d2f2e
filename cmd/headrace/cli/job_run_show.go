package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func writeJobRun(s *shared, r *controlv1.JobRun) error {
	var f output.Fields
	addJobRun(&f, r)
	addSubmission(&f, r)
	addHistory(&f, s.Now(), r)
	f.Add("Configuration", configuration(r.GetEffectiveConfiguration()))
	f.Add("Monitoring", monitoring(r.GetEffectiveMonitoring()))
	return f.Write(s.Out)
}

// addJobRun adds what a run is, and how it gets on.
func addJobRun(f *output.Fields, r *controlv1.JobRun) {
	said := r.GetSpec()
	f.Add("Job run", r.GetJobRunId())
	f.Add("Name", said.GetName())
	f.Add("Application", r.GetApplicationId())
	f.Add("State", r.GetState())
	f.Add("Why", r.GetStateDetails())
	f.Add("Failure", r.GetFailure().GetKind())
	f.Add("Attempt", strconv.Itoa(int(r.GetAttempt()))+attemptsAllowed(said))
}

// addSubmission adds what a run was asked to be.
func addSubmission(f *output.Fields, r *controlv1.JobRun) {
	said := r.GetSpec()
	f.Add("Mode", codec.EnumName(said.GetMode()))
	f.Add("Release", r.GetReleaseLabel())
	f.Add("Program", program(said))
	f.Add("Driver", output.Resources(r.GetDriverSize()))
	f.Add("Workers", workersAtStart(r))
	f.Add("Timeout", timeout(said))
	f.Add("On disconnect", codec.EnumName(said.GetOnDisconnect()))
	f.Add("Tags", pairs(said.GetTags()))
	f.Add("ARN", r.GetArn())
}

// addHistory adds what happened to a run, when, and what it used.
func addHistory(f *output.Fields, now time.Time, r *controlv1.JobRun) {
	f.Add("Submitted", output.Time(now, r.GetCreatedAt()))
	f.Add("Submitted by", r.GetCreatedBy())
	f.Add("Cancelled by", r.GetCancelledBy())
	f.Add("Hidden", hidden(hiddenJobRun(r)))
	f.Add("Started", output.Time(now, r.GetStartedAt()))
	f.Add("Ended", output.Time(now, r.GetEndedAt()))
	f.Add("Ran", executed(now, r))
	f.Add("Used", utilization(r.GetTotalUtilization()))
	f.Add("Billed", utilization(r.GetBilledUtilization()))
}

// executed says how long a run ran: as the cluster counts it once it is over.
func executed(now time.Time, r *controlv1.JobRun) string {
	if r.GetEndedAt() != nil && r.GetExecutionSeconds() > 0 {
		return output.Seconds(time.Duration(r.GetExecutionSeconds()) * time.Second)
	}
	return output.Lasted(now, r.GetStartedAt(), r.GetEndedAt())
}

// timeout says after how long a run is cancelled; empty if never.
func timeout(r *specv1.JobRun) string {
	if r.GetExecutionTimeoutMinutes() == 0 {
		return ""
	}
	return number(r.GetExecutionTimeoutMinutes()) + " min"
}

// utilization writes what workers held; empty if they held nothing yet.
func utilization(u *controlv1.Utilization) string {
	if u.GetVcpuHours() == 0 && u.GetMemoryGbHours() == 0 && u.GetStorageGbHours() == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f vCPU-hours, %.3f GB-hours of memory, %.3f GB-hours of storage", u.GetVcpuHours(),
		u.GetMemoryGbHours(), u.GetStorageGbHours())
}

func attemptsAllowed(r *specv1.JobRun) string {
	if allowed := r.GetRetryPolicy().GetMaxAttempts(); allowed > 1 {
		return " of " + strconv.Itoa(int(allowed))
	}
	return ""
}

func workersAtStart(r *controlv1.JobRun) string {
	if r.GetInitialWorkers() == 0 {
		return ""
	}
	return strconv.Itoa(int(r.GetInitialWorkers())) + " at the start, each " + output.Resources(r.GetWorkerSize())
}

// program names what a run runs.
func program(r *specv1.JobRun) string {
	switch d := r.GetDriver(); {
	case d.HasSparkSubmit():
		return d.GetSparkSubmit().GetEntryPoint()
	case d.HasHive():
		return d.GetHive().GetQuery()
	case len(d.GetProcess().GetCommand()) > 0:
		return d.GetProcess().GetCommand()[0]
	}
	return ""
}

func writeWorkers(s *shared, workers []*controlv1.Worker) error {
	t := output.Table{Columns: output.Columns(
		"TYPE",
		">NUMBER",
		">ATTEMPT",
		"STATE",
		"ZONE",
		"NODE",
		">VCPU",
		">MEMORY",
		">RAN",
		"EXIT",
	)}
	for _, w := range workers {
		t.Add(
			w.GetType(),
			strconv.Itoa(int(w.GetNumber())),
			strconv.Itoa(int(w.GetAttempt())),
			w.GetState(),
			w.GetZone(),
			w.GetNodeName(),
			output.CPU(w.GetSize()),
			output.Memory(w.GetSize()),
			output.Lasted(s.Now(), w.GetRunningAt(), w.GetEndedAt()),
			exit(w),
		)
	}
	return t.Write(s.Out)
}

// exit says how a worker ended.
func exit(w *controlv1.Worker) string {
	switch {
	case w.GetExitReason() == "EXITED":
		return "EXITED " + strconv.Itoa(int(w.GetExitCode()))
	case w.GetExitMessage() != "":
		return w.GetExitReason() + ": " + w.GetExitMessage()
	}
	return w.GetExitReason()
}
