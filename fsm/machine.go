package fsm

import (
	"io"
	"sync/atomic"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Machine holds the newest state. Only the goroutine that applies the log calls Apply and Restore; anybody may call
// View.
type Machine struct {
	view atomic.Pointer[state.View]
}

// New returns a machine before the first record.
func New() *Machine {
	m := &Machine{}
	m.view.Store(state.New())
	return m
}

// View returns the newest state.
func (m *Machine) View() *state.View { return m.view.Load() }

// Apply takes the next record. If the record's number is not the next one, Apply returns false and changes nothing:
// then another record was decided instead of it.
func (m *Machine) Apply(record *eventv1.Record) bool {
	view := m.View()
	if record.GetSequence() != view.Sequence+1 {
		return false
	}
	m.view.Store(ApplyEvents(view, record))
	return true
}

// Restore replaces the state with that of a snapshot.
func (m *Machine) Restore(r io.Reader) error {
	view, err := ReadSnapshot(r)
	if err != nil {
		return err
	}
	m.view.Store(view)
	return nil
}
