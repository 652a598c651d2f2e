package wire

import "github.com/headrace/headrace/fsm/state"

// Priority returns what stands for a run's priority: nothing for the default.
func Priority(p uint32) *uint32 {
	if p == state.DefaultPriority {
		return nil
	}
	return &p
}

// PriorityOf returns the priority that it stands for. Runs from before there were priorities say nothing.
func PriorityOf(m *uint32) uint32 {
	if m == nil {
		return state.DefaultPriority
	}
	return *m
}
