package message

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Of the slots that are in use it is shown in how many a process had waited for the worker.
func TestD4_PoolsSayHowManyWorkersStartedWarm(t *testing.T) {
	tx := state.New().Begin()
	tx.PutNode(state.Node{ID: "n", Capacity: resource.Vector{MilliCPU: 8000, MemoryMiB: 8192, DiskMiB: 100_000}})
	tx.PutApplication(state.Application{
		ID:    "a",
		Spec:  &specv1.Application{},
		Terms: state.Terms{Initial: []state.InitialCapacity{{Type: state.TypeDriver, Count: 4}}},
	})
	for _, s := range []struct {
		id    string
		taken bool
		warm  bool
	}{{id: "free"}, {"warm", true, true}, {"cold", true, false}} {
		slot := state.Slot{
			ID:          s.id,
			Application: "a",
			Node:        "n",
			Size:        state.Size{Vector: resource.Vector{MilliCPU: 1000}},
			Type:        state.TypeDriver,
			Ready:       true,
		}
		if s.taken {
			slot.Worker = "w-" + s.id
			tx.PutWorker(state.Worker{ID: slot.Worker, Run: "r", Application: "a", Node: "n", Slot: s.id, Warm: s.warm})
		}
		tx.PutSlot(slot)
	}
	view := tx.Commit()
	want := &controlv1.Pool{WorkerType: "DRIVER", Wanted: 4, Held: 3, Ready: 3, InUse: 2, WarmInUse: 1}
	wantSame(t, "the pool", Application(view, view.Application("a")).GetPools()[0], want)
}
