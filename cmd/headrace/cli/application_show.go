package cli

import (
	"strconv"

	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func writeApplication(s *session, a *controlv1.Application) error {
	var f output.Fields
	f.Add("Application", a.GetApplicationId())
	f.Add("Name", a.GetName())
	f.Add("Engine", output.Engine(a.GetEngine()))
	f.Add("Release", a.GetReleaseLabel())
	f.Add("State", a.GetState())
	f.Add("Why", a.GetStateDetails())
	f.Add("Limit", output.Limit(a.GetMaximumCapacity()))
	f.Add("Used", output.Resources(a.GetUsed()))
	f.Add("Concurrent runs", concurrent(a.GetScheduler()))
	f.Add("Unfinished runs", unfinished(a))
	f.Add("Auto start", strconv.FormatBool(a.GetAutoStart()))
	f.Add("Idle timeout", idle(a.GetIdleTimeoutMinutes()))
	f.Add("Weight", strconv.FormatInt(a.GetWeight(), 10))
	f.Add("Architecture", a.GetArchitecture())
	f.Add("Configuration", configuration(a.GetRuntimeConfiguration()))
	f.Add("Monitoring", monitoring(a.GetMonitoring()))
	f.Add("Tags", pairs(a.GetTags()))
	f.Add("ARN", a.GetArn())
	f.Add("Created", output.Time(s.Now(), a.GetCreatedAt()))
	f.Add("Created by", a.GetCreatedBy())
	f.Add("Updated", output.Time(s.Now(), a.GetUpdatedAt()))
	f.Add("Updated by", a.GetUpdatedBy())
	f.Add("Hidden", hidden(hiddenApplication(a)))
	if err := f.Write(s.Out); err != nil || len(a.GetInitialCapacity()) == 0 {
		return err
	}
	_ = say(s, "\n")
	return writePools(s, a)
}

func idle(minutes int64) string {
	if minutes == 0 {
		return "never"
	}
	return strconv.FormatInt(minutes, 10) + " min"
}

// concurrent says how many runs may run at once; empty if there is no limit.
func concurrent(c *controlv1.SchedulerConfiguration) string {
	if c.GetMaxConcurrentRuns() == 0 {
		return ""
	}
	text := "at most " + strconv.Itoa(int(c.GetMaxConcurrentRuns()))
	if c.QueueTimeoutMinutes != nil {
		text += ", others wait up to " + strconv.FormatInt(c.GetQueueTimeoutMinutes(), 10) + " min"
	}
	return text
}

func unfinished(a *controlv1.Application) string {
	text := strconv.Itoa(int(a.GetUnfinishedRuns()))
	if a.GetQueuedRuns() > 0 {
		text += ", of which " + strconv.Itoa(int(a.GetQueuedRuns())) + " QUEUED"
	}
	return text
}

// writePools shows what is held ready, and what there is of it now.
func writePools(s *session, a *controlv1.Application) error {
	now := map[string]*controlv1.Pool{}
	for _, p := range a.GetPools() {
		now[p.GetWorkerType()] = p
	}
	t := output.Table{Columns: output.Columns("READY WORKERS", ">VCPU", ">MEMORY", ">DISK", "DISK TYPE", ">WANTED", ">HELD", ">READY", ">IN USE")}
	for _, c := range a.GetInitialCapacity() {
		p := now[c.GetWorkerType()]
		if p == nil {
			p = &controlv1.Pool{Wanted: c.GetWorkerCount()}
		}
		t.Add(c.GetWorkerType(), output.CPU(c.GetWorkerSize()), output.Memory(c.GetWorkerSize()), output.Disk(c.GetWorkerSize()), c.GetDiskType(),
			number(p.GetWanted()), number(p.GetHeld()), number(p.GetReady()), number(p.GetInUse()))
	}
	return t.Write(s.Out)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
