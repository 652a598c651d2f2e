package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// One worker of 1 vCPU, 2 GB and 20 GB (a driver that ends after 30.4 s), one of 100 GB disk that runs on, one that
// never ran.
func TestUtilization_BillsAMinuteAtLeastAndDiskAbove20GB(t *testing.T) {
	w := newWorld(t)
	w.given(node("big", "a"), submit("run", 2, taskSize(1, 2, 100)))
	c := node("big", "a")
	c.Node.Capacity = gib(8, 32, 1000)
	w.given(c, place("run", 1, "n1", "big", "big"))
	w.given(running(w.worker("run", 0)), running(w.worker("run", 1)))
	begun := w.now
	w.now = begun.Add(30*time.Second + 400*time.Millisecond)
	w.given(exited(w.worker("run", 0), well))
	const gb = 1024
	for _, c := range []struct {
		after         time.Duration
		total, billed command.Usage
	}{
		{
			50 * time.Second,
			command.Usage{
				MilliCPUSeconds:   80_000,
				MemoryMiBSeconds:  80 * 2 * gb,
				StorageMiBSeconds: (30*20 + 50*100) * gb,
			},
			command.Usage{MilliCPUSeconds: 120_000, MemoryMiBSeconds: 120 * 2 * gb, StorageMiBSeconds: 60 * 80 * gb},
		},
		{
			100*time.Second + time.Millisecond,
			command.Usage{
				MilliCPUSeconds:   130_000,
				MemoryMiBSeconds:  130 * 2 * gb,
				StorageMiBSeconds: (30*20 + 100*100) * gb,
			},
			command.Usage{MilliCPUSeconds: 161_000, MemoryMiBSeconds: 161 * 2 * gb, StorageMiBSeconds: 101 * 80 * gb},
		},
	} {
		total, billed := command.Utilization(w.view, w.view.JobRun("run"), begun.Add(c.after))
		if total != c.total || billed != c.billed {
			t.Errorf("after %s: %+v, billed %+v; expected %+v and %+v", c.after, total, billed, c.total, c.billed)
		}
	}
}

func TestUtilization_CountsEveryAttemptAndWholeSlots(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 0)
	w.given(submit("run", 0, inPooled, attempts(2)))
	for attempt := uint32(1); attempt <= 2; attempt++ {
		w.now = w.now.Add(10 * time.Second) // also the slot's time without a worker, which is nobody's
		w.given(&command.Place{
			JobRunID:   "run",
			Attempt:    attempt,
			Zone:       "a",
			Driver:     "n1",
			DriverSlot: w.slots(state.TypeDriver)[0].ID,
		})
		w.given(running(w.worker("run", 0)))
		w.now = w.now.Add(2 * time.Minute)
		w.given(exited(w.worker("run", 0), badly))
	}
	total, billed := command.Utilization(w.view, w.view.JobRun("run"), w.now.Add(time.Hour))
	if want := int64(2 * 120 * 2000); total.MilliCPUSeconds != want || billed.MilliCPUSeconds != want ||
		billed.StorageMiBSeconds != 0 {
		t.Errorf("the run used %+v, billed %+v; expected two attempts of two minutes on a slot of 2 vCPU",
			total, billed)
	}
}

func TestExecutionSeconds_FromTheFirstRunningToTheEnd(t *testing.T) {
	w := newWorld(t)
	w.given(submit("cancelled", 0), &command.CancelJobRun{ApplicationID: "app", JobRunID: "cancelled"})
	w.runs("run", 0)
	if n := command.ExecutionSeconds(w.view.JobRun("run")); n != 0 {
		t.Errorf("a run that goes on took %d s", n)
	}
	w.now = w.now.Add(90 * time.Second)
	w.given(exited(w.worker("run", 0), well))
	took := command.ExecutionSeconds(w.view.JobRun("run"))
	never := command.ExecutionSeconds(w.view.JobRun("cancelled"))
	if took != 90 || never != 0 {
		t.Errorf("it took %d s, and one that never ran %d s", took, never)
	}
}
