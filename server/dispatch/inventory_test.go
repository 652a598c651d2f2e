package dispatch

import (
	"context"
	"fmt"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// empty is how many slots of n1 no worker is in.
const empty = 2

// naming is the session of n1, which has a job array and names parts of an inventory.
func naming(t *testing.T, parts ...*agentv1.InventoryPart) (*session, *catchingDoor) {
	tx := array(4, 1023, 10).Begin()
	for w := range tx.View().LiveWorkersOfNode("n1") {
		begun := *w
		begun.State = state.WorkerRunning
		tx.PutWorker(begun)
	}
	leadership, door := leadershipOver(t, tx.Commit())
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &session{
		node:       "n1",
		leadership: leadership,
		ctx:        ctx,
		cancel:     cancel,
		out:        make(chan *agentv1.SessionResponse, maxOutbound),
		inventory:  newInventory(),
	}
	go func() {
		for _, part := range parts {
			s.inventory.parts <- part
		}
	}()
	return s, door
}

// strangers are statuses of workers that no cluster knows.
func strangers(from, to int) (statuses []*agentv1.WorkerStatus) {
	for i := from; i < to; i++ {
		statuses = append(statuses, &agentv1.WorkerStatus{
			WorkerId: fmt.Sprintf("01arz3ndektsv4rrffq6%06d", i),
			Epoch:    1,
			Phase:    agentv1.Phase_PHASE_RUNNING,
		})
	}
	return statuses
}

func (s *session) hasWhole() bool {
	select {
	case <-s.inventory.whole:
		return true
	default:
		return false
	}
}

// A node that has lost all that it ran says so with one empty part; ending it takes several records.
func TestInventory_WhatIsMissingEndsInSteps(t *testing.T) {
	s, door := naming(t, &agentv1.InventoryPart{})
	if err := s.takeInventory(); err != nil || !s.hasWhole() {
		t.Fatal(err, s.hasWhole())
	}
	if left := door.view.SlotsOfNode("n1"); left != empty || door.steps < 3 || door.largest > 36<<10 {
		t.Errorf("%d workers are left after %d steps of at most %d bytes", left, door.steps, door.largest)
	}
}

func TestInventory_FencesStrangersPartByPart(t *testing.T) {
	s, door := naming(t, &agentv1.InventoryPart{
		Workers: strangers(0, 256),
		GoesOn:  true,
	}, &agentv1.InventoryPart{Workers: strangers(256, 300)})
	if err := s.takeInventory(); err != nil || !s.hasWhole() {
		t.Fatal(err, s.hasWhole())
	}
	fenced := 0
	for len(s.out) > 0 {
		fenced += len((<-s.out).GetFence().GetWorkerIds())
	}
	if fenced != 300 || door.view.SlotsOfNode("n1") != empty {
		t.Errorf("%d were fenced, %d are left", fenced, door.view.SlotsOfNode("n1"))
	}
}

func TestInventory_IsBounded(t *testing.T) {
	var endless []*agentv1.InventoryPart
	for i := range maxInventory/maxInventoryPart + 2 {
		endless = append(endless, &agentv1.InventoryPart{
			Workers: strangers(i*maxInventoryPart, (i+1)*maxInventoryPart),
			GoesOn:  true,
		})
	}
	for name, parts := range map[string][]*agentv1.InventoryPart{
		"a part of too many":   {{Workers: strangers(0, maxInventoryPart+1)}},
		"parts without an end": endless,
		"no id of a worker":    {{Workers: []*agentv1.WorkerStatus{{WorkerId: "../../etc"}}}},
	} {
		s, _ := naming(t, parts...)
		if err := s.takeInventory(); !errs.Is(err, errs.Invalid) || s.hasWhole() {
			t.Errorf("%s: %v", name, err)
		}
		s.cancel(nil)
	}
}
