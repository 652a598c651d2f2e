package fleet

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/agent/slots"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// noShipper ships nothing, and notes what ends.
type noShipper struct {
	mu    sync.Mutex
	ended []string
}

func (*noShipper) Add(shipping.Shipment) error { panic("what has no files was shipped") }
func (*noShipper) EndOthers(map[string]bool)   {}
func (s *noShipper) End(worker string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = append(s.ended, worker)
}

// inMemory runs a test on virtual time with the fleet of a node in memory, whose workers do that. left is what an
// earlier agent left.
func inMemory(
	t *testing.T, script memory.Script, left func(t *testing.T, r *memory.Runtime), test func(t *testing.T, f *Fleet),
) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{Script: script})
		defer machine.Close()
		held := machine.Open()
		if err := held.MoveLease(held.Now().Add(24 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		if left != nil {
			left(t, held)
		}
		programs := memory.NewEngine()
		box := outbox.New()
		logger := slog.New(slog.DiscardHandler)
		room := func() error { return nil }
		f := New(Config{
			Engines:  engine.Engines{Spark: programs, Process: programs},
			Runtime:  held,
			Lease:    lease.New(10*time.Second, held),
			Outbox:   box,
			Demands:  outbox.NewDemands(logger),
			Progress: outbox.NewProgress(),
			Slots:    slots.New(slots.Config{Runtime: held, Outbox: box, Room: room, Logger: logger}),
			Shipper:  &noShipper{},
			Room:     room,
			Logger:   logger,
		})
		if err := f.Adopt(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- f.Run(ctx) }()
		test(t, f)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// driver returns a Spark driver.
func driver(id string) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId:     id,
		JobRunId:     "run",
		Attempt:      1,
		GraceSeconds: 3600,
		Program:      &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{}},
	}
}

// reasons returns how workers ended, by id.
func (f *Fleet) reasons() map[string]agentv1.ExitReason {
	ends := map[string]agentv1.ExitReason{}
	for _, status := range f.Inventory() {
		ends[status.GetWorkerId()] = status.GetExitReason()
	}
	return ends
}

// An agent that is to stop its workers gives them a few seconds, whatever grace their users asked for.
func TestStopAll_GivesAShortGrace(t *testing.T) {
	stubborn := func(runtime.Spec) memory.Program { return memory.Stubborn() }
	inMemory(t, stubborn, nil, func(t *testing.T, f *Fleet) {
		f.Assign(&agentv1.Assignment{Workers: []*agentv1.AssignedWorker{driver("a"), driver("b")}})
		synctest.Wait()
		began := time.Now()
		f.StopAll()
		if took := time.Since(began); took != stopGrace || !f.Ended("a") || !f.Ended("b") {
			t.Errorf("after %s the ends are %v", took, f.reasons())
		}
	})
}

// The grace of a worker that is stopped is what its assignment says.
func TestAssign_StopsWithTheGraceThatItSays(t *testing.T) {
	stubborn := func(runtime.Spec) memory.Program { return memory.Stubborn() }
	inMemory(t, stubborn, nil, func(t *testing.T, f *Fleet) {
		f.Assign(&agentv1.Assignment{Workers: []*agentv1.AssignedWorker{driver("a")}})
		synctest.Wait()
		stop := driver("a")
		stop.Desired = agentv1.Desired_DESIRED_STOP
		f.Assign(&agentv1.Assignment{Workers: []*agentv1.AssignedWorker{stop}})
		<-time.After(time.Hour - time.Second)
		if f.Ended("a") {
			t.Error("it was killed before its grace was over")
		}
		<-time.After(2 * time.Second)
		if end := f.reasons()["a"]; end != agentv1.ExitReason_EXIT_REASON_STOPPED {
			t.Errorf("after its grace it ended by %v", end)
		}
	})
}

// What an earlier agent had for itself is no worker: nobody looks for it.
func TestAdopt_DiscardsWhatAnAgentHadForItself(t *testing.T) {
	left := func(t *testing.T, r *memory.Runtime) {
		ids := []string{"worker"}
		for _, own := range []runtime.Own{runtime.ForErrand, runtime.ForSlot, runtime.ForHistory} {
			ids = append(ids, own.NewID())
		}
		for _, id := range ids {
			if _, err := r.MakeHome(id, runtime.HomeOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Start(runtime.Spec{ID: id, Command: runtime.Command{Args: []string{"/left"}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	inMemory(t, nil, left, func(t *testing.T, f *Fleet) {
		synctest.Wait()
		found, err := f.config.Runtime.Adopt()
		if err != nil || len(found) != 1 || found[0].ID() != "worker" {
			t.Errorf("%d are left, %v", len(found), err)
		}
		if got := f.Inventory(); len(got) != 1 || got[0].GetPhase() != agentv1.Phase_PHASE_RUNNING {
			t.Errorf("the inventory is %v", got)
		}
	})
}

// A worker whose process was taken over, and that perhaps never began, is refused: it is placed again.
func TestAdopt_RefusesWhatWasTakenAndNotConfirmed(t *testing.T) {
	left := func(t *testing.T, r *memory.Runtime) {
		waiting := runtime.ForSlot.NewID()
		for _, id := range []string{waiting, "w"} {
			if _, err := r.MakeHome(id, runtime.HomeOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		w, err := r.Start(runtime.Spec{ID: waiting, Command: runtime.Command{Args: []string{"/waits"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Take(w, runtime.Spec{ID: "w"}); err != nil {
			t.Fatal(err)
		}
	}
	inMemory(t, nil, left, func(t *testing.T, f *Fleet) {
		synctest.Wait()
		if end := f.reasons()["w"]; end != agentv1.ExitReason_EXIT_REASON_START_REFUSED {
			t.Errorf("it ended by %v", end)
		}
		if shipper := f.config.Shipper.(*noShipper); !slices.Equal(shipper.ended, []string{"w"}) {
			t.Errorf("the shipments of %v ended", shipper.ended)
		}
	})
}

func TestSetDemand_IsOfADriverThatIsHere(t *testing.T) {
	inMemory(t, nil, nil, func(t *testing.T, f *Fleet) {
		f.Assign(&agentv1.Assignment{Workers: []*agentv1.AssignedWorker{driver("a")}})
		synctest.Wait()
		f.SetDemand(&agentv1.Demand{JobRunId: "another", Attempt: 1})
		if demand, _ := f.config.Demands.Take(time.Now()); demand != nil {
			t.Errorf("the leader is told %v", demand)
		}
		f.SetDemand(&agentv1.Demand{JobRunId: "run", Attempt: 1, Target: 3})
		if demand, _ := f.config.Demands.Take(time.Now()); demand.GetTarget() != 3 {
			t.Errorf("the leader is told %v", demand)
		}
	})
}
