package agent

import (
	"strings"
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// partOf is a part of the complete assignment of a record.
func partOf(record uint64, number uint32, goesOn bool, workers ...*agentv1.AssignedWorker) *agentv1.Assignment {
	part := complete(record, workers...)
	part.Part, part.GoesOn = number, goesOn
	return part
}

// A worker that a later part names must not be stopped by an earlier one: absence means something after the last part
// only.
func TestParts_WhatIsNotNamedStopsWithTheLast(t *testing.T) {
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	kept, left, first := idOf(t)+"-kept", idOf(t)+"-left", idOf(t)+"-first"
	server.assign(t, partOf(1, 0, false, script(kept, "exec sleep 1000"), script(left, "exec sleep 1000")))
	server.statusOf(t, kept, agentv1.Phase_PHASE_RUNNING)
	server.cut()
	receive(t, "a second registration", server.registers)
	server.assign(t, partOf(2, 0, true, script(first, "exec sleep 1000")))
	server.statusOf(t, first, agentv1.Phase_PHASE_RUNNING)
	for _, id := range []string{kept, left} {
		if a.fleet.Ended(id) {
			t.Errorf("%s was stopped before the last part", id)
		}
	}
	server.assign(t, partOf(2, 1, false, script(kept, "exec sleep 1000")))
	server.statusOf(t, left, agentv1.Phase_PHASE_ENDED)
	if a.fleet.Ended(kept) {
		t.Error("what the last part names was stopped")
	}
}

func TestParts_AMissingOneEndsTheSession(t *testing.T) {
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	kept := idOf(t)
	server.assign(t, partOf(1, 0, false, script(kept, "exec sleep 1000")))
	server.statusOf(t, kept, agentv1.Phase_PHASE_RUNNING)
	server.assign(t, partOf(2, 1, false))
	again := receive(t, "a second registration", server.registers)
	if said := again.GetTrouble(); !strings.Contains(said, "part 1") || !strings.Contains(said, "part 0") {
		t.Errorf("the agent says of its last session's end: %q", said)
	}
	if a.fleet.Ended(kept) {
		t.Error("a worker was stopped by an assignment with a hole")
	}
}

func TestParts_WorkersNameTheirProgramByNumber(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	ids, part := []string{idOf(t) + "-1", idOf(t) + "-2"}, partOf(1, 0, false)
	part.Programs = []*agentv1.Program{
		{Program: &agentv1.Program_Process{Process: &agentv1.ProcessProgram{Command: []string{"sh", "-c", "exit 7"}}}},
	}
	for _, id := range ids {
		w := script(id, "")
		w.Program, w.ProgramNumber = nil, 1
		part.Workers = append(part.Workers, w)
	}
	server.assign(t, part)
	codes := map[string]int32{}
	for len(codes) < len(ids) {
		for _, status := range receive(t, "a report", server.reports).GetWorkers() {
			if status.GetPhase() == agentv1.Phase_PHASE_ENDED {
				codes[status.GetWorkerId()] = status.GetExitCode()
			}
		}
	}
	for _, id := range ids {
		if codes[id] != 7 {
			t.Errorf("%s ended with %d", id, codes[id])
		}
	}
}

// An agent that cannot take what it is sent must not come back as fast as it can, and says why when it does.
func TestAgent_BacksOffFromSessionsThatEndAtOnce(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	began := time.Now()
	for range 8 {
		receive(t, "a registration", server.registers)
		server.assign(t, partOf(1, 5, false))
	}
	last := receive(t, "the last registration", server.registers)
	if took := time.Since(began); took < 500*time.Millisecond {
		t.Errorf("eight sessions ended within %s", took)
	}
	if said := last.GetTrouble(); !strings.HasPrefix(said, "the agent ended its last session: ") {
		t.Errorf("it says %q", said)
	}
}
