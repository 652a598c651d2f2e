package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/signal"
	"github.com/headrace/headrace/internal/upload"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// writeJobRun writes how a run is, then everything that was submitted, then what holds in the end.
func writeJobRun(s *shared, r *controlv1.JobRun) error { return writeJobRunDoing(s, r, "") }

// writeJobRunDoing is writeJobRun with what the run does now; empty: nobody knows.
func writeJobRunDoing(s *shared, r *controlv1.JobRun, doing string) error {
	f := s.fields()
	addJobRun(f, r)
	f.Add("Progress", doing)
	addHistory(f, s.Now(), r)
	f.AddAll(r.GetSpec())
	f.AddAll(effectiveOf(r))
	return f.Write(s.Out)
}

// effectiveOf returns what a run has of its own settings and its application's together.
func effectiveOf(r *controlv1.JobRun) *controlv1.JobRun {
	return &controlv1.JobRun{
		EffectiveConfiguration: r.GetEffectiveConfiguration(),
		EffectiveMonitoring:    r.GetEffectiveMonitoring(),
	}
}

// addJobRun adds what a run is, and how it gets on.
func addJobRun(f *output.Fields, r *controlv1.JobRun) {
	f.Add("Job run", r.GetJobRunId())
	f.Add("Application", r.GetApplicationId())
	f.Add("State", r.GetState())
	f.Add("Why", r.GetStateDetails())
	f.Add("Failure", r.GetFailure().GetKind())
	f.Add("Attempt", strconv.Itoa(int(r.GetAttempt()))+attemptsAllowed(r.GetSpec()))
	f.Add("Priority", strconv.Itoa(int(r.GetPriority())))
	f.Add("Release", r.GetReleaseLabel())
	f.Add("Driver size", output.Resources(r.GetDriverSize()))
	f.Add("Workers", workersAtStart(r))
}

// addHistory adds what happened to a run, when, and what it used.
func addHistory(f *output.Fields, now time.Time, r *controlv1.JobRun) {
	f.Add("Submitted", output.Time(now, r.GetCreatedAt()))
	f.Add("Submitted by", r.GetCreatedBy())
	f.Add("Cancelled by", r.GetCancelledBy())
	f.Add("Queued", queued(r))
	f.Add("Started", output.Time(now, r.GetStartedAt()))
	f.Add("Ended", output.Time(now, r.GetEndedAt()))
	f.Add("Ran", executed(now, r))
	f.Add("Used", utilization(r.GetTotalUtilization()))
	f.Add("Billed", utilization(r.GetBilledUtilization()))
	f.Add("ARN", r.GetArn())
	f.Add("Hidden", hidden(hiddenJobRun(r)))
}

// queued says how long a run waited for a place of its application; empty if it did not.
func queued(r *controlv1.JobRun) string {
	if r.GetQueuedMilliseconds() == 0 {
		return ""
	}
	return output.Seconds(time.Duration(r.GetQueuedMilliseconds()) * time.Millisecond)
}

// executed says how long a run ran: as the cluster counts it once it is over.
func executed(now time.Time, r *controlv1.JobRun) string {
	if r.GetEndedAt() != nil && r.GetExecutionSeconds() > 0 {
		return output.Seconds(time.Duration(r.GetExecutionSeconds()) * time.Second)
	}
	return output.Lasted(now, r.GetStartedAt(), r.GetEndedAt())
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

// shownDigest is how many bytes of an upload's digest a list shows.
const shownDigest = 4

// shortProgram names what a run runs, for a list: an uploaded file by its name, and by the beginning of its digest, by
// which two of one name differ.
func shortProgram(r *specv1.JobRun) string {
	file, err := upload.Parse(program(r))
	if err != nil {
		return program(r)
	}
	return fmt.Sprintf("%s (upload %x)", file.Name, file.Digest[:shownDigest])
}

func writeWorkers(s *shared, workers []*controlv1.Worker) error {
	t := s.table(
		"TYPE",
		">NUMBER",
		">ATTEMPT",
		"STATE",
		"ZONE",
		"NODE",
		">VCPU",
		">MEMORY",
		">RAN",
		"~EXIT",
	)
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
	case w.GetExitReason() == "EXITED" && w.GetExitSignal() != 0:
		return "EXITED by " + signal.Name(w.GetExitSignal())
	case w.GetExitReason() == "EXITED":
		return "EXITED " + strconv.Itoa(int(w.GetExitCode()))
	case w.GetExitMessage() != "":
		return w.GetExitReason() + ": " + w.GetExitMessage()
	}
	return w.GetExitReason()
}
