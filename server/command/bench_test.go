package command_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// benchIDs gives ids of the usual length.
type benchIDs int

// NewID counts.
func (n *benchIDs) NewID() string {
	*n++
	return fmt.Sprintf("%026d", int(*n))
}

// BenchmarkExecutorLog tells how much the log grows by an executor's whole life: 100 executors on 10 nodes are placed,
// run and end, each reported alone, as it is when they do so at their own times. The bytes are those of whole records.
func BenchmarkExecutorLog(b *testing.B) {
	for b.Loop() {
		events, bytes := executorLog(b, 10, 10)
		b.ReportMetric(float64(events)/100, "events/executor")
		b.ReportMetric(float64(bytes)/100, "bytes/executor")
	}
}

func executorLog(b *testing.B, nodes, each int) (events, bytes int) {
	ids := new(benchIDs)
	view := state.New()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	decide := func(d decision) []*eventv1.Event {
		made, err := d.Decide(view, command.Meta{Now: now, IDs: ids, Limits: command.DefaultLimits()})
		if err != nil {
			b.Fatal(err)
		}
		record := &eventv1.Record{Sequence: view.Sequence + 1, TimeUnixNano: state.Nano(now), Events: made}
		view = fsm.ApplyEvents(view, record)
		events = events + len(made)
		bytes = bytes + proto.Size(record)
		return made
	}
	run, shares := benchRun(decide, nodes, each)
	events = 0
	bytes = 0 // what came before is not the executors'
	decide(&command.Place{JobRunID: run, Attempt: 1, Zone: "a", Shares: shares})
	for worker := range view.LiveWorkersOfRun(run) {
		if worker.Type != state.TypeExecutor {
			continue
		}
		decide(&command.ReportWorkers{
			Node:     worker.Node,
			Statuses: []command.WorkerStatus{{WorkerID: worker.ID, Epoch: worker.Epoch, Running: true}},
		})
		stopped := &state.Exit{Reason: state.ExitStopped, Code: 143, PeakBytes: 1 << 30}
		decide(&command.ReportWorkers{
			Node:     worker.Node,
			Statuses: []command.WorkerStatus{{WorkerID: worker.ID, Epoch: worker.Epoch, Exit: stopped}},
		})
	}
	return events, bytes
}

// benchRun brings a Spark run to RUNNING with its driver alone, and says where its executors are to go.
func benchRun(decide func(decision) []*eventv1.Event, nodes, each int) (run string, shares []command.Share) {
	for i := range nodes {
		id := fmt.Sprintf("%026d", 1_000_000+i)
		decide(&command.RegisterNode{Node: state.Node{
			ID:           id,
			Name:         fmt.Sprintf("node-%d", i),
			Zone:         "a",
			Architecture: "X86_64",
			Host:         "10.0.0.1",
			Capacity:     resource.Vector{MilliCPU: 64_000, MemoryMiB: 512 << 10, DiskMiB: 2 << 20},
		}})
		shares = append(shares, command.Share{Node: id, Count: uint32(each)})
	}
	application := create("", auto, engine(state.EngineSpark, "emr-7.2.0"))
	decide(application)
	alone := program(sparkDriver("--conf spark.dynamicAllocation.initialExecutors=0"))
	start := submit("", 0, in(application.ApplicationID), alone)
	decide(start)
	placed := decide(&command.Place{JobRunID: start.JobRunID, Attempt: 1, Zone: "a", Driver: shares[0].Node})
	driver := placed[len(placed)-1].GetWorkersPlaced().GetWorkers()[0]
	decide(&command.ReportWorkers{
		Node:     shares[0].Node,
		Statuses: []command.WorkerStatus{{WorkerID: driver.GetWorkerId(), Epoch: 1, Running: true}},
	})
	return start.JobRunID, shares
}

// BenchmarkPool reserves 10,000 slots on 100 nodes and takes the report of each alone: the cost of a report must not
// grow with the pool.
func BenchmarkPool(b *testing.B) {
	for b.Loop() {
		ids := new(benchIDs)
		view := state.New()
		now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		decide := func(d decision) {
			made, err := d.Decide(view, command.Meta{Now: now, IDs: ids, Limits: command.DefaultLimits()})
			if err != nil {
				b.Fatal(err)
			}
			view = fsm.ApplyEvents(view,
				&eventv1.Record{Sequence: view.Sequence + 1, TimeUnixNano: state.Nano(now), Events: made})
		}
		small := state.Size{Vector: gib(1, 2, 20), Disk: resource.DiskStandard}
		application := create("", holding("Task", 10_000, small))
		decide(application)
		decide(&command.StartApplication{ApplicationID: application.ApplicationID})
		reserve := &command.ReserveSlots{ApplicationID: application.ApplicationID, Type: state.TypeTask}
		for i := range 100 {
			id := fmt.Sprintf("%026d", 1_000_000+i)
			decide(&command.RegisterNode{Node: state.Node{ID: id, Name: id, Zone: "a", Capacity: gib(100, 200, 2000)}})
			reserve.Shares = append(reserve.Shares, command.Share{Node: id, Count: 100})
		}
		decide(reserve)
		for slot := range view.PoolOfApplication(application.ApplicationID) {
			decide(&command.ReportSlots{
				Node:     slot.Node,
				Statuses: []command.SlotStatus{{SlotID: slot.ID, Ready: true}},
			})
		}
		if view.Application(application.ApplicationID).State != state.ApplicationStarted {
			b.Fatal("not started")
		}
	}
}
