package state

import (
	"iter"
	"time"
)

// WorkerState is where a worker is in its life; it only moves forward.
type WorkerState int32

// The states of a worker.
const (
	WorkerPlaced  WorkerState = 1 // it has a slot
	WorkerRunning WorkerState = 2 // its process runs
	WorkerEnded   WorkerState = 3 // it is gone, and its slot is free
)

// String returns the state's name.
func (s WorkerState) String() string { return name(s, "", "PLACED", "RUNNING", "ENDED") }

// ExitReason says how a worker ended. The numbers are those of the event log.
type ExitReason int32

// The reasons for the end of a worker.
const (
	ExitExited       ExitReason = 1
	ExitStopped      ExitReason = 2
	ExitOutOfMemory  ExitReason = 3
	ExitNodeLost     ExitReason = 4
	ExitStartRefused ExitReason = 5
	ExitDisappeared  ExitReason = 6
	ExitFileNotFound ExitReason = 7
	ExitAccessDenied ExitReason = 8
	ExitOutOfDisk    ExitReason = 9
)

// String returns the reason's name; it is empty for a worker that has not ended.
func (r ExitReason) String() string {
	return name(r, "", "EXITED", "STOPPED", "OUT_OF_MEMORY", "NODE_LOST", "START_REFUSED", "DISAPPEARED",
		"FILE_NOT_FOUND", "ACCESS_DENIED", "OUT_OF_DISK")
}

// Exit is how a worker ended.
type Exit struct {
	Reason    ExitReason
	Code      int32 // 128 plus the signal when a signal ended it
	Signal    int32 // 0: no signal ended it
	Message   string
	PeakBytes int64
}

// Leaving says how a worker is to leave a node that drains. The numbers are those of snapshots.
type Leaving int32

// How a worker is to leave its node.
const (
	LeavingAsked   Leaving = 1 // its driver is asked to let it go, and it ends by itself
	LeavingStopped Leaving = 2 // its node is to stop it
)

// String returns the name; it is empty for a worker that is not to leave.
func (l Leaving) String() string { return name(l, "", "ASKED", "STOPPED") }

// Worker is the unit that is placed: one process of an attempt, on one node.
type Worker struct {
	ID           string
	Run          string
	Application  string
	Attempt      uint32
	Type         WorkerType
	Number       uint32 // 0 for the driver, an executor's id or a task's index from 1
	Epoch        uint32 // counts the workers that had this number in this attempt
	Node         string
	Slot         string // the pre-initialised slot that it is in; empty: it has one of its own, named as it is
	Size         Size   // all of its slot
	State        WorkerState
	Host         string // at which other workers reach it
	Warm         bool   // it took over the warm process of its slot
	ColdReason   string // why it did not, though it is in a pre-initialised slot
	Starved      int64  // bytes that it had used when the kernel killed a process of it and it went on; 0: never
	Leaving      Leaving
	LeavingSince time.Time // when it became what Leaving says; zero if it is not leaving
	Exit         Exit
	Placed       time.Time
	Running      time.Time
	Ended        time.Time
}

// Live says whether the worker still holds its slot.
func (w *Worker) Live() bool { return w.State != WorkerEnded }

// Worker returns the worker with an id, or nil.
func (v *View) Worker(id string) *Worker { return v.workers.get(id) }

// WorkersOfAttempt yields the workers of an attempt, by number and epoch.
func (v *View) WorkersOfAttempt(run string, attempt uint32) iter.Seq[*Worker] {
	return v.resolve(v.workersOfRun.within(key(run, part(attempt), "")))
}

// WorkersOfRun yields the workers of all attempts of a run, by attempt, number and epoch.
func (v *View) WorkersOfRun(run string) iter.Seq[*Worker] {
	return v.resolve(v.workersOfRun.within(key(run, "")))
}

// WorkersWithin yields the workers whose id begins with a prefix and comes after another one, by id.
func (v *View) WorkersWithin(prefix, after string) iter.Seq[*Worker] {
	return v.workers.after(prefix, after)
}

// LiveWorkersOfRun yields the workers of a run that hold slots.
func (v *View) LiveWorkersOfRun(run string) iter.Seq[*Worker] {
	return v.resolve(v.liveOfRun.within(key(run, "")))
}

// LiveWorkersOfNode yields the workers on a node that hold slots.
func (v *View) LiveWorkersOfNode(node string) iter.Seq[*Worker] {
	return v.resolve(v.liveOfNode.within(key(node, "")))
}

// HasLiveWorkers says whether a worker of a run holds a slot.
func (v *View) HasLiveWorkers(run string) bool {
	for range v.LiveWorkersOfRun(run) {
		return true
	}
	return false
}

// Driver returns an attempt's driver, or nil before it is placed.
func (v *View) Driver(run string, attempt uint32) *Worker {
	var driver *Worker
	for w := range v.resolve(v.workersOfRun.within(key(run, part(attempt), part(0), ""))) {
		driver = w
	}
	return driver
}

// NewestWorker returns the worker with the highest epoch of those with a number in an attempt, or nil.
func (v *View) NewestWorker(run string, attempt, number uint32) *Worker {
	var newest *Worker
	for w := range v.resolve(v.workersOfRun.within(key(run, part(attempt), part(number), ""))) {
		newest = w
	}
	return newest
}

// WorkerAt returns the worker of an attempt that had a number in an epoch, or nil.
func (v *View) WorkerAt(run string, attempt, number, epoch uint32) *Worker {
	return v.workers.get(v.workersOfRun.get(key(run, part(attempt), part(number), part(epoch))))
}

func (v *View) resolve(ids iter.Seq[string]) iter.Seq[*Worker] {
	return func(yield func(*Worker) bool) {
		for id := range ids {
			if !yield(v.workers.get(id)) {
				return
			}
		}
	}
}

// PutWorker adds or replaces a worker. Its slot is put and removed separately.
func (tx *Tx) PutWorker(w Worker) {
	v := tx.view
	changed(&v.changes.Runs, w.Run)
	v.workers.put(w.ID, &w)
	v.workersOfRun.put(workerKey(&w), w.ID)
	if w.Live() {
		v.liveOfRun.put(key(w.Run, w.ID), w.ID)
		v.liveOfNode.put(key(w.Node, w.ID), w.ID)
	} else {
		v.liveOfRun.remove(key(w.Run, w.ID))
		v.liveOfNode.remove(key(w.Node, w.ID))
	}
}

func workerKey(w *Worker) string { return key(w.Run, part(w.Attempt), part(w.Number), part(w.Epoch)) }

// AllWorkers yields every worker by id.
func (v *View) AllWorkers() iter.Seq[*Worker] { return v.workers.all() }
