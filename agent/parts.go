package agent

import (
	"fmt"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// named is what the parts of an assignment have named so far.
type named struct {
	position
	next           uint32 // the part that is to come
	workers, slots map[string]bool
}

// follows says why a part cannot come next; nil: it can. Parts come one after another, all of one record, so that nothing is missing
// when the last one says that all is named.
func (n *named) follows(a *agentv1.Assignment) error {
	at := position{a.GetTerm(), a.GetRecord()}
	if part := a.GetPart(); part != n.next || part > 0 && at != n.position {
		return fmt.Errorf("cannot take part %d of the assignment of term %d and record %d: part %d of term %d and record %d is to come", part, at.term, at.record,
			n.next, n.term, n.record)
	}
	return nil
}

// add notes what a part names.
func (n *named) add(a *agentv1.Assignment) {
	if a.GetPart() == 0 {
		n.position = position{a.GetTerm(), a.GetRecord()}
		n.workers, n.slots = map[string]bool{}, map[string]bool{}
	}
	for _, w := range a.GetWorkers() {
		n.workers[w.GetWorkerId()] = true
	}
	for _, s := range a.GetSlots() {
		n.slots[s.GetSlotId()] = true
	}
	n.next++
	if !a.GetGoesOn() {
		n.next = 0
	}
}

// expand puts the programs of a part into its workers and slots, which name them by number. They share them: nobody changes what was
// assigned.
func expand(a *agentv1.Assignment) error {
	of := func(number uint32) (*agentv1.Program, error) {
		if number == 0 {
			return nil, nil
		}
		if int64(number) > int64(len(a.GetPrograms())) {
			return nil, fmt.Errorf("cannot take an assignment with %d programs that names the program %d", len(a.GetPrograms()), number)
		}
		return a.GetPrograms()[number-1], nil
	}
	for _, w := range a.GetWorkers() {
		program, err := of(w.GetProgramNumber())
		if err != nil {
			return err
		}
		setWorkerProgram(w, program)
		w.ProgramNumber = 0
	}
	for _, s := range a.GetSlots() {
		program, err := of(s.GetProgramNumber())
		if err != nil {
			return err
		}
		setSlotProgram(s, program)
		s.ProgramNumber = 0
	}
	return nil
}

func setWorkerProgram(w *agentv1.AssignedWorker, p *agentv1.Program) {
	switch p := p.GetProgram().(type) {
	case *agentv1.Program_SparkDriver:
		w.Program = &agentv1.AssignedWorker_SparkDriver{SparkDriver: p.SparkDriver}
	case *agentv1.Program_SparkExecutor:
		w.Program = &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: p.SparkExecutor}
	case *agentv1.Program_Process:
		w.Program = &agentv1.AssignedWorker_Process{Process: p.Process}
	}
}

func setSlotProgram(s *agentv1.AssignedSlot, p *agentv1.Program) {
	switch p := p.GetProgram().(type) {
	case *agentv1.Program_SparkDriver:
		s.Program = &agentv1.AssignedSlot_SparkDriver{SparkDriver: p.SparkDriver}
	case *agentv1.Program_SparkExecutor:
		s.Program = &agentv1.AssignedSlot_SparkExecutor{SparkExecutor: p.SparkExecutor}
	}
}
