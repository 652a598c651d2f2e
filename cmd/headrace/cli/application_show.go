package cli

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func writeApplication(s *shared, a *controlv1.Application) error {
	var f output.Fields
	addApplication(&f, a)
	addSettings(&f, a)
	addOrigin(&f, s.Now(), a)
	if err := f.Write(s.Out); err != nil || len(a.GetSpec().GetInitialCapacity()) == 0 {
		return err
	}
	_ = say(s, "\n")
	return writePools(s, a)
}

// addApplication adds what an application is and holds.
func addApplication(f *output.Fields, a *controlv1.Application) {
	said := a.GetSpec()
	f.Add("Application", a.GetApplicationId())
	f.Add("Name", said.GetName())
	f.Add("Engine", output.Engine(said.GetEngine()))
	f.Add("Release", said.GetReleaseLabel())
	f.Add("State", a.GetState())
	f.Add("Why", a.GetStateDetails())
	f.Add("Limit", output.Limit(said.GetMaximumCapacity()))
	f.Add("Used", output.Resources(a.GetUsed()))
}

// addSettings adds what a user decided about an application.
func addSettings(f *output.Fields, a *controlv1.Application) {
	said := a.GetSpec()
	f.Add("Concurrent runs", concurrent(said.GetScheduler()))
	f.Add("Unfinished runs", unfinished(a))
	f.Add("Auto start", strconv.FormatBool(said.GetAutoStart().GetEnabled()))
	f.Add("Idle timeout", idle(said.GetAutoStop()))
	f.Add("Weight", strconv.FormatInt(said.GetWeight(), 10))
	f.Add("Architecture", codec.EnumName(said.GetArchitecture()))
	f.Add("Configuration", configuration(said.GetRuntimeConfiguration()))
	f.Add("Monitoring", monitoring(said.GetMonitoring()))
	f.Add("Tags", pairs(said.GetTags()))
}

// addOrigin adds who made and changed an application, and when.
func addOrigin(f *output.Fields, now time.Time, a *controlv1.Application) {
	f.Add("ARN", a.GetArn())
	f.Add("Created", output.Time(now, a.GetCreatedAt()))
	f.Add("Created by", a.GetCreatedBy())
	f.Add("Updated", output.Time(now, a.GetUpdatedAt()))
	f.Add("Updated by", a.GetUpdatedBy())
	f.Add("Hidden", hidden(hiddenApplication(a)))
}

func idle(stop *specv1.AutoStop) string {
	if !stop.GetEnabled() {
		return "never"
	}
	return number(stop.GetIdleTimeoutMinutes()) + " min"
}

// concurrent says how many runs may run at once; empty if there is no limit.
func concurrent(c *specv1.Scheduler) string {
	if c.GetMaxConcurrentRuns() == 0 {
		return ""
	}
	text := "at most " + strconv.Itoa(int(c.GetMaxConcurrentRuns()))
	if c.HasQueueTimeoutMinutes() {
		text += ", others wait up to " + number(c.GetQueueTimeoutMinutes()) + " min"
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
func writePools(s *shared, a *controlv1.Application) error {
	t := output.Table{Columns: output.Columns(
		"READY WORKERS",
		">VCPU",
		">MEMORY",
		">DISK",
		"DISK TYPE",
		">WANTED",
		">HELD",
		">READY",
		">IN USE",
	)}
	all := a.GetSpec().GetInitialCapacity()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		size := all[name].GetWorkerSize()
		p := poolOf(a, name)
		if p == nil {
			p = &controlv1.Pool{Wanted: all[name].GetWorkerCount()}
		}
		t.Add(
			name,
			output.CPU(size),
			output.Memory(size),
			output.Disk(size),
			codec.EnumName(size.GetDiskType()),
			number(p.GetWanted()),
			number(p.GetHeld()),
			number(p.GetReady()),
			number(p.GetInUse()),
		)
	}
	return t.Write(s.Out)
}

// poolOf returns the slots of a type, which users may write in several ways; nil if there is none.
func poolOf(a *controlv1.Application, name string) *controlv1.Pool {
	engine := a.GetSpec().GetEngine()
	wanted, err := spec.WorkerTypeOf(engine, name)
	for _, p := range a.GetPools() {
		if is, wrong := spec.WorkerTypeOf(engine, p.GetWorkerType()); err == nil && wrong == nil && is == wanted {
			return p
		}
	}
	return nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
