package proposal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/scheduler"
)

// BenchmarkSubmission is what one more submission costs a leader with 10,000 full nodes and 30,000 runs of 50
// applications that wait: by the book, and if all were made from nothing.
func BenchmarkSubmission(b *testing.B) {
	for name, plan := range map[string]func(*Book, Source){
		"book": func(book *Book, from Source) {
			book.Follow(from, Changed{Rows: []*state.Changes{from.View.Changes()}})
			book.Cluster().Plan()
		},
		"anew": func(book *Book, from Source) { scheduler.Plan(Build(from, book.Memory()).Input) },
	} {
		b.Run(name, func(b *testing.B) {
			from := Source{View: crowded(10_000, 30_000), Now: start, MaxWorkers: 1000}
			book := NewBook(NewMemory())
			book.Fill(from)
			book.Cluster().Plan()
			for n := 0; b.Loop(); n++ {
				tx := from.View.Begin()
				submit(tx, 30_000+n)
				from.View = tx.Commit()
				plan(book, from)
			}
		})
	}
}

// BenchmarkCompare is what it costs a leader to compare 500 rows of its book with those of one that is made anew, with
// 10,000 nodes and 100,000 runs that wait.
func BenchmarkCompare(b *testing.B) {
	from := Source{View: crowded(10_000, 100_000), Now: start, MaxWorkers: 1000}
	book := NewBook(NewMemory())
	book.Fill(from)
	ids := slices.Collect(book.IDs(from.View))
	for n := 0; b.Loop(); n = (n + 500) % 100_000 {
		if difference := book.Compare(from, ids[n:n+500]); difference != "" {
			b.Fatal(difference)
		}
	}
}

var workerSize = state.Size{
	Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 20 << 10},
	Disk:   resource.DiskStandard,
}

// crowded returns a state with full nodes and runs that wait.
func crowded(nodes, runs int) *state.View {
	tx := state.New().Begin()
	for i := range 50 {
		tx.PutApplication(state.Application{ID: fmt.Sprintf("a%02d", i), State: state.ApplicationStarted})
	}
	for i := range nodes {
		id := fmt.Sprintf("n%05d", i)
		capacity := workerSize.Times(4)
		tx.PutNode(state.Node{ID: id, Name: id, Zone: fmt.Sprint("z", i%3), Capacity: capacity, State: state.NodeReady})
		size := state.Size{Vector: capacity, Disk: resource.DiskStandard}
		tx.PutSlot(state.Slot{ID: "s" + id, Application: "a00", Node: id, Size: size, Worker: "w" + id})
	}
	for i := range runs {
		submit(tx, i)
	}
	return tx.Commit()
}

// submit adds a run that waits.
func submit(tx *state.Tx, number int) {
	id := fmt.Sprintf("r%06d", number)
	tx.PutJobRun(state.JobRun{
		ID:          id,
		Application: fmt.Sprintf("a%02d", number%50),
		State:       state.RunPending,
		Attempt:     1,
		Created:     start.Add(time.Duration(number) * time.Millisecond),
		Shape: state.Shape{
			Driver:     state.TypeDriver,
			DriverSize: workerSize,
			Worker:     state.TypeExecutor,
			WorkerSize: workerSize,
			Initial:    3,
		},
	})
	tx.PutAttempt(state.Attempt{Run: id, Number: 1, State: state.AttemptWaiting})
}
