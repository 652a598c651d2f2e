package command_test

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// pooled returns a Spark application that keeps a driver and an executor of that much memory, in MiB, ready.
func pooled(t *testing.T, memoryMiB int64, configuration ...*specv1.Configuration) *state.Application {
	w := newWorld(t)
	size := state.Size{Vector: gib(4, 0, 20), Disk: resource.DiskStandard}
	size.MemoryMiB = memoryMiB
	w.given(create("pooled", engine(state.EngineSpark, "emr-7.2.0"), inheriting(configuration...),
		holding("Driver", 1, size), holding("Executor", 1, size)))
	return w.view.Application("pooled")
}

func TestPoolSettings_AreWhatARunWithoutSettingsOfItsOwnHas(t *testing.T) {
	small := site("spark-defaults", map[string]string{
		"spark.driver.memory": "2g", "spark.executor.memory": "1g",
		"spark.executor.extraJavaOptions": "-Dx=y", "spark.emr-serverless.driverEnv.A": "b",
	})
	for name, c := range map[string]struct {
		application      *state.Application
		driver, executor int64
	}{
		"the defaults fill their slots":           {pooled(t, 16<<10), 14 << 10, 14 << 10},
		"the application's settings are smaller":  {pooled(t, 16<<10, small), 2 << 10, 1 << 10},
		"the slots are too small for them":        {pooled(t, 8<<10), 8192 * 100 / 110, 8192 * 100 / 110},
		"so small that the overhead is its least": {pooled(t, 2<<10), 2048 - 384, 2048 - 384},
	} {
		got, err := command.PoolSettings(c.application)
		if err != nil || got.DriverHeapMiB != c.driver || got.ExecutorHeapMiB != c.executor {
			t.Errorf("%s: heaps of %d and %d MiB (%v), want %d and %d",
				name, got.DriverHeapMiB, got.ExecutorHeapMiB, err, c.driver, c.executor)
		}
	}
	got, err := command.PoolSettings(pooled(t, 16<<10, small))
	if err != nil || got.Properties["spark.executor.extraJavaOptions"] != "-Dx=y" || got.DriverEnv["A"] != "b" {
		t.Errorf("options %q and environment %v (%v) are not the application's",
			got.Properties["spark.executor.extraJavaOptions"], got.DriverEnv, err)
	}
}

func TestReportWorkers_KeepsHowAWorkerWasStarted(t *testing.T) {
	for name, start := range map[string]command.Start{
		"warm":          {Warm: true},
		"cold":          {ColdReason: "it needs another heap"},
		"not in a slot": {},
	} {
		w := newWorld(t)
		w.given(submit("run", 0), place("run", 1, "n1"))
		driver := w.worker("run", 0)
		w.then(&command.ReportWorkers{Node: "n1", Statuses: []command.WorkerStatus{{
			WorkerID: driver.ID,
			Epoch:    1,
			Running:  true,
			Start:    start,
		}}},
			"WorkerRunning", "AttemptRunning")
		if got := w.worker("run", 0); got.Warm != start.Warm || got.ColdReason != start.ColdReason {
			t.Errorf("%s: it is warm %v, cold because %q", name, got.Warm, got.ColdReason)
		}
	}
}
