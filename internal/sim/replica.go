package sim

import (
	"bytes"
	"crypto/sha256"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// replica is a server: it applies the log at its own pace.
type replica struct {
	world   *world
	machine *fsm.Machine
	applied int               // entries of the log
	history [sha256.Size]byte // of the records that were not void
	saved   saved
}

// saved is a snapshot on disk.
type saved struct {
	file    []byte
	applied int
	history [sha256.Size]byte
}

func newReplica(w *world) *replica { return &replica{world: w, machine: fsm.New()} }

// catchUp applies all that is committed, and says whether the last entry was not void.
func (r *replica) catchUp() (applied bool) {
	for r.applied < len(r.world.log) {
		applied = r.next()
	}
	return applied
}

// follow applies some of what is committed.
func (r *replica) follow() {
	for n := r.world.random.IntN(8); n > 0 && r.applied < len(r.world.log); n-- {
		r.next()
	}
}

// next applies the next entry, and says whether it was not void.
func (r *replica) next() bool {
	record := &eventv1.Record{}
	if err := proto.Unmarshal(r.world.log[r.applied], record); err != nil {
		r.world.fail("cannot decode entry %d: %v", r.applied, err)
	}
	before := r.machine.View()
	applied := r.machine.Apply(record)
	r.applied++
	if !applied {
		if r.applied > r.world.checks.entries {
			r.world.checks.entries = r.applied
			r.world.count.Void++
		}
		return false
	}
	r.history = sha256.Sum256(append(r.history[:], r.world.log[r.applied-1]...))
	if r.applied > r.world.checks.entries {
		r.world.checks.entries = r.applied
		r.world.changes = append(r.world.changes, r.machine.View().Changes())
		r.world.checks.record(before, record)
	}
	r.world.checks.same(r)
	return true
}

// snapshot writes the state to disk.
func (r *replica) snapshot() {
	var file bytes.Buffer
	if err := fsm.WriteSnapshot(&file, r.machine.View()); err != nil {
		r.world.fail("cannot write a snapshot: %v", err)
	}
	r.saved = saved{file.Bytes(), r.applied, r.history}
}

// restart forgets everything but the snapshot and the log, and reads them again up to where it was.
func (r *replica) restart() {
	until := r.applied
	r.machine = fsm.New()
	r.applied = r.saved.applied
	r.history = r.saved.history
	if r.saved.file != nil {
		if err := r.machine.Restore(bytes.NewReader(r.saved.file)); err != nil {
			r.world.fail("cannot restore a snapshot: %v", err)
		}
	}
	for r.applied < until {
		r.next()
	}
	r.world.count.Restarts++
}
