package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/resource"
)

// TestCheck_FindsWhatIsBroken breaks one thing at a time: an invariant that finds nothing here would find nothing in
// the simulation either.
func TestCheck_FindsWhatIsBroken(t *testing.T) {
	for said, damage := range map[string]func(tx *Tx){
		"node n1 uses": func(tx *Tx) {
			tx.view.usedOfNode.put("n1", resource.Vector{MilliCPU: 1})
		},
		"2 nodes use something, 3 are kept": func(tx *Tx) { tx.view.usedOfNode.put("n3", resource.Vector{}) },
		"application app uses": func(tx *Tx) {
			tx.view.usedOfApplication.put("app", resource.Vector{MilliCPU: 1})
		},
		"node n1 offers 0.5 vCPU": func(tx *Tx) {
			tx.PutNode(Node{
				ID:       "n1",
				Name:     "n1",
				Zone:     "a",
				State:    NodeReady,
				Capacity: resource.Vector{MilliCPU: 500},
			})
		},
		"application app may use 1 vCPU": func(tx *Tx) {
			tx.PutApplication(Application{ID: "app", Terms: Terms{Limit: resource.Vector{MilliCPU: 1000}}})
		},
		"slot w1 on node n1 does not agree": func(tx *Tx) {
			changeWorker(tx, "w1", func(w *Worker) { w.Size.DiskMiB = 7 })
		},
		"slot other on node n1 does not": func(tx *Tx) {
			tx.PutSlot(Slot{
				ID:          "other",
				Node:        "n1",
				Application: "app",
				Worker:      "none",
			})
		},
		"is on node n1, which is": func(tx *Tx) { tx.PutNode(Node{ID: "n1", Zone: "a", State: NodeLost}) },
		"n3 and n4 are both here as third": func(tx *Tx) {
			tx.PutNode(Node{
				ID:    "n4",
				Name:  "third",
				Zone:  "a",
				State: NodeReady,
			})
		},
		"n3 and n4 both belong to the certificate of third": func(tx *Tx) {
			for id, in := range map[string]NodeState{"n3": NodeReady, "n4": NodeLost} {
				tx.PutNode(Node{ID: id, Name: "third", State: in, Certificate: NodeCertificate{Name: "third"}})
			}
		},
		"n3 is third, and its certificate is for other": func(tx *Tx) {
			tx.PutNode(Node{ID: "n3", Name: "third", State: NodeReady, Certificate: NodeCertificate{Name: "other"}})
		},
		"n3 is READY, and held back: true": func(tx *Tx) {
			tx.PutNode(Node{
				ID:       "n3",
				Name:     "third",
				State:    NodeReady,
				HeldBack: true,
			})
		},
		"n3 is NOT_APPROVED, and held back: false": func(tx *Tx) {
			tx.PutNode(Node{ID: "n3", Name: "third", State: NodeNotApproved})
		},
		"n1 is held back, and 1 vCPU": func(tx *Tx) {
			tx.PutNode(Node{ID: "n1", Name: "n1", Zone: "a", State: NodeNotApproved, HeldBack: true})
		},
		"has no attempt 2":                  func(tx *Tx) { changeRun(tx, func(r *JobRun) { r.Attempt = 2 }) },
		"no application none":               func(tx *Tx) { changeRun(tx, func(r *JobRun) { r.Application = "none" }) },
		"run is SUCCESS, but its attempt":   func(tx *Tx) { changeRun(tx, func(r *JobRun) { r.State = RunSuccess }) },
		"run is SCHEDULED, but its attempt": func(tx *Tx) { changeRun(tx, func(r *JobRun) { r.State = RunScheduled }) },
		"run is CANCELLED, but its attempt": func(tx *Tx) {
			tx.PutAttempt(Attempt{Run: "run", Number: 1, State: AttemptCancelled, Zone: "a"})
			changeRun(tx, func(r *JobRun) { r.State = RunCancelled })
		},
		"has attempt 1 in state RUNNING": func(tx *Tx) {
			tx.PutAttempt(Attempt{Run: "run", Number: 2, State: AttemptWaiting})
			changeRun(tx, func(r *JobRun) { r.Attempt = 2 })
		},
		"has 2 live drivers": func(tx *Tx) { putLive(tx, Worker{ID: "w9", Number: 0, Epoch: 2}) },
		"live workers of 2 attempts": func(tx *Tx) {
			putLive(tx, Worker{
				ID:      "w9",
				Number:  5,
				Epoch:   1,
				Attempt: 2,
			})
		},
		"workers w2 and w9 both have": func(tx *Tx) { putLive(tx, Worker{ID: "w9", Number: 1, Epoch: 2}) },
		"does not agree with its attempt": func(tx *Tx) {
			tx.PutAttempt(Attempt{
				Run:    "run",
				Number: 1,
				State:  AttemptRunning,
				Zone:   "b",
			})
		},
		"index unfinished runs has 2":     func(tx *Tx) { tx.view.unfinished.put("app/none", "run") },
		"index workers of run has 3":      func(tx *Tx) { tx.view.workersOfRun.put("x", "w1") },
		"index requests by expiry has 1":  func(tx *Tx) { tx.view.requestsByExpiry.put("x", "y") },
		"index names of nodes has 2":      func(tx *Tx) { tx.view.namesOfNodes.remove("n2/n2") },
		"worker w2 on node n2 does not":   func(tx *Tx) { tx.RemoveSlot("w2") },
		"cluster  uses 3":                 func(tx *Tx) { tx.view.used.put("", resource.Vector{}) },
		"index pool of application has 2": func(tx *Tx) { tx.view.poolOfApplication.put("x", "s1") },
		"index pool of node has 0":        func(tx *Tx) { tx.view.poolOfNode.remove("n2/s1") },
		"application app has 2 slots of EXECUTOR": func(tx *Tx) {
			tx.PutSlot(Slot{ID: "s2", Node: "n1", Application: "app", Size: oneCPU, Type: TypeExecutor})
		},
		"application app has 1 slots of TASK": func(tx *Tx) {
			tx.PutSlot(Slot{ID: "s2", Node: "n1", Application: "app", Size: oneCPU, Type: TypeTask})
		},
		"application app has 1 slots of EXECUTOR": func(tx *Tx) {
			changeApplication(tx, func(a *Application) { a.Initial[0].Size.MilliCPU = 2000 })
		},
		"but [{0 0 0} {0 0 0} {9 0 0}": func(tx *Tx) {
			tx.view.poolCounts.put("app", PoolCounts{TypeExecutor: {Held: 9}})
		},
		"slot s1 is held free for application app": func(tx *Tx) {
			changeApplication(tx, func(a *Application) { a.State = ApplicationStopped })
		},
		"slots of node n2 uses": func(tx *Tx) { tx.view.slotsOfNode.put("n2", 7) },
		"node n1 has 4097 slots": func(tx *Tx) {
			for i := range resource.MaxSlots {
				tx.PutSlot(Slot{ID: fmt.Sprint("many", i), Node: "n1", Application: "app", Worker: "none"})
			}
		},
		"slot s1 is held free for application app on node n4": func(tx *Tx) {
			tx.PutNode(Node{ID: "n4", Zone: "c", State: NodeLost})
			tx.RemoveSlot("s1")
			tx.PutSlot(Slot{ID: "s1", Node: "n4", Application: "app", Size: oneCPU, Type: TypeExecutor, Ready: true})
		},
		"slot s1 on node n2 does not agree": func(tx *Tx) {
			tx.PutSlot(Slot{ID: "s1", Node: "n2", Application: "app", Size: oneCPU, Type: TypeExecutor, Worker: "w2"})
		},
		"application app has runs [0 0 0 0 0 1": func(tx *Tx) { tx.view.runCounts.put("app", RunCounts{}) },
		"application app has 2 runs in place of at most 1": func(tx *Tx) {
			changeApplication(tx, func(a *Application) { a.MaxRuns = 1 })
			tx.PutJobRun(JobRun{ID: "second", Application: "app", State: RunPending, Attempt: 1})
			tx.PutAttempt(Attempt{Run: "second", Number: 1, State: AttemptWaiting})
		},
	} {
		t.Run(said, func(t *testing.T) {
			tx := sound(t).Begin()
			damage(tx)
			if err := tx.Commit().Check(); err == nil || !strings.Contains(err.Error(), said) {
				t.Errorf("the damage is found as: %v", err)
			}
		})
	}
}

var oneCPU = Size{Vector: resource.Vector{MilliCPU: 1000}, Disk: resource.DiskStandard}

// sound has a run with its driver w1 on n1 and its task w2 on n2, both in zone a, and the slot s1 for executors free on
// n2.
func sound(t *testing.T) *View {
	t.Helper()
	tx := New().Begin()
	for _, id := range []string{"n1", "n2"} {
		tx.PutNode(Node{ID: id, Name: id, Zone: "a", State: NodeReady, Capacity: resource.Vector{MilliCPU: 8000}})
	}
	tx.PutNode(Node{ID: "n3", Zone: "b", Name: "third", State: NodeReady})
	tx.PutApplication(Application{
		ID:    "app",
		State: ApplicationStarted,
		Terms: Terms{Initial: []InitialCapacity{{Type: TypeExecutor, Count: 1, Size: oneCPU}}},
	})
	tx.PutSlot(Slot{ID: "s1", Node: "n2", Application: "app", Size: oneCPU, Type: TypeExecutor, Ready: true})
	tx.PutJobRun(JobRun{ID: "run", Application: "app", State: RunRunning, Attempt: 1})
	tx.PutAttempt(Attempt{Run: "run", Number: 1, State: AttemptRunning, Zone: "a"})
	putLive(tx, Worker{ID: "w1", Number: 0, Epoch: 1})
	putLive(tx, Worker{ID: "w2", Number: 1, Epoch: 1, Node: "n2"})
	view := tx.Commit()
	if err := view.Check(); err != nil {
		t.Fatal(err)
	}
	return view
}

// putLive puts a running worker of the run with its slot, on n1 in attempt 1 unless it says otherwise.
func putLive(tx *Tx, w Worker) {
	w.Run = "run"
	w.Application = "app"
	w.State = WorkerRunning
	w.Size = oneCPU
	if w.Node == "" {
		w.Node = "n1"
	}
	w.Attempt = max(w.Attempt, 1)
	tx.PutWorker(w)
	tx.PutSlot(Slot{ID: w.ID, Application: "app", Node: w.Node, Size: oneCPU, Worker: w.ID})
}

func changeApplication(tx *Tx, change func(*Application)) {
	row := *tx.View().Application("app")
	row.Initial = slices.Clone(row.Initial)
	change(&row)
	tx.PutApplication(row)
}

func changeRun(tx *Tx, change func(*JobRun)) {
	row := *tx.View().JobRun("run")
	change(&row)
	tx.PutJobRun(row)
}

func changeWorker(tx *Tx, id string, change func(*Worker)) {
	row := *tx.View().Worker(id)
	change(&row)
	tx.PutWorker(row)
}
