package consensus

import (
	"fmt"
	"io"

	"github.com/hashicorp/raft"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// replica hands Raft's log to the state machine. Raft calls it from one goroutine.
type replica struct {
	machine     *fsm.Machine
	window      *Window
	checkpoints *checkpoints
	restored    func() // called after every snapshot that was restored
}

// Apply applies one entry. Its answer is a bool: false when the record was void.
func (r *replica) Apply(entry *raft.Log) any {
	record := &eventv1.Record{}
	if err := proto.Unmarshal(entry.Data, record); err != nil {
		panic(fmt.Sprintf("cannot decode entry %d of term %d with %d bytes: %v; "+
			"the log is damaged, or of a newer version", entry.Index, entry.Term, len(entry.Data), err))
	}
	if !r.machine.Apply(record) {
		return false
	}
	view := r.machine.View()
	r.window.publish(record, len(entry.Data), view)
	if record.GetCheckpoint() {
		r.checkpoints.reached(view)
	}
	for _, event := range record.GetEvents() {
		if e := event.GetStateDigested(); e != nil {
			r.checkpoints.leaderSays(e.GetSequence(), e.GetDigest())
		}
	}
	return true
}

// Snapshot returns at once: a view never changes, so it is written beside the log.
func (r *replica) Snapshot() (raft.FSMSnapshot, error) {
	return snapshot{r.machine.View()}, nil
}

// Restore replaces the state.
func (r *replica) Restore(from io.ReadCloser) error {
	defer from.Close() // it was only read
	if err := r.machine.Restore(from); err != nil {
		return fmt.Errorf("cannot restore a snapshot: %w", err)
	}
	r.window.reset(r.machine.View())
	r.restored()
	return nil
}

type snapshot struct{ view *state.View }

// Persist writes the state.
func (s snapshot) Persist(sink raft.SnapshotSink) error {
	if err := fsm.WriteSnapshot(sink, s.view); err != nil {
		_ = sink.Cancel() // the first error is the one to report
		return err
	}
	return sink.Close()
}

// Release has nothing to do.
func (s snapshot) Release() {}
