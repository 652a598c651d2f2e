package cli

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// writeApplication writes how an application is, then everything that was decided about it, then its pools.
func writeApplication(s *shared, a *controlv1.Application) error {
	f := s.fields()
	addApplication(f, a)
	addOrigin(f, s.Now(), a)
	f.AddAll(a.GetSpec())
	if err := f.Write(s.Out); err != nil || len(a.GetSpec().GetInitialCapacity()) == 0 {
		return err
	}
	_ = say(s, "\n")
	return writePools(s, a)
}

// addApplication adds how an application is, and what it holds.
func addApplication(f *output.Fields, a *controlv1.Application) {
	f.Add("Application", a.GetApplicationId())
	f.Add("State", a.GetState())
	f.Add("Why", a.GetStateDetails())
	f.Add("Used", output.Resources(a.GetUsed()))
	f.Add("Unfinished runs", unfinished(a))
}

// addOrigin adds who made and changed an application, and when.
func addOrigin(f *output.Fields, now time.Time, a *controlv1.Application) {
	f.Add("Created", output.Time(now, a.GetCreatedAt()))
	f.Add("Created by", a.GetCreatedBy())
	f.Add("Updated", output.Time(now, a.GetUpdatedAt()))
	f.Add("Updated by", a.GetUpdatedBy())
	f.Add("ARN", a.GetArn())
	f.Add("Hidden", hidden(hiddenApplication(a)))
}

func unfinished(a *controlv1.Application) string {
	text := strconv.Itoa(int(a.GetUnfinishedRuns()))
	if a.GetQueuedRuns() > 0 {
		text += ", of which " + strconv.Itoa(int(a.GetQueuedRuns())) + " QUEUED"
	}
	return text
}

// writePools shows what is held ready now.
func writePools(s *shared, a *controlv1.Application) error {
	t := s.table("READY WORKERS", ">WANTED", ">HELD", ">READY", ">IN USE", ">WARM IN USE", ">WARM", ">REHEARSING")
	all := a.GetSpec().GetInitialCapacity()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := poolOf(a, name)
		if p == nil {
			p = &controlv1.Pool{Wanted: all[name].GetWorkerCount()}
		}
		t.Add(
			name,
			number(p.GetWanted()),
			number(p.GetHeld()),
			number(p.GetReady()),
			number(p.GetInUse()),
			number(p.GetWarmInUse()),
			number(p.GetWarm()),
			number(p.GetRehearsing()),
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
