package session

import (
	"fmt"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// expand puts the programs of a part into its workers and slots, which name them by number. They share them: nobody
// changes what was assigned.
func expand(a *agentv1.Assignment) error {
	of := func(number uint32) (*agentv1.Program, error) {
		if number == 0 {
			return nil, nil
		}
		if int64(number) > int64(len(a.GetPrograms())) {
			return nil, fmt.Errorf("cannot take an assignment with %d programs that names the program %d",
				len(a.GetPrograms()), number)
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
