package dispatch

import (
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// The bounds of an inventory. A node holds at most resource.MaxSlots live workers; it also names those that ended and
// that nobody has told it to forget.
const (
	maxInventory     = 16_384 // workers in all
	maxInventoryPart = 256    // in one message
	waitingParts     = 4      // messages that wait for the log; the agent's sending waits then
)

// inventory is what a node that has just registered has, on its way to the door.
type inventory struct {
	parts chan *agentv1.InventoryPart
	whole chan struct{} // closed when all of it is in the log: only then is the node told what to run
	has   map[string]bool
}

func newInventory() inventory {
	return inventory{
		parts: make(chan *agentv1.InventoryPart, waitingParts),
		whole: make(chan struct{}),
		has:   map[string]bool{},
	}
}

// checkInventory holds that what a node names can be workers.
func checkInventory(statuses []*agentv1.WorkerStatus) error {
	if n := len(statuses); n > maxInventoryPart {
		return errs.Field("inventory", "a message names at most %d workers, not %d", maxInventoryPart, n)
	}
	for _, status := range statuses {
		if !ident.Valid(status.GetWorkerId()) {
			return errs.Field("inventory", "%.40q is not the id of a worker", status.GetWorkerId())
		}
	}
	return nil
}

// takeInventory brings all parts to the door, in steps that fit into records, and fences workers that this cluster does
// not know.
func (s *session) takeInventory() error {
	for {
		select {
		case <-s.ctx.Done():
			return nil
		case part := <-s.inventory.parts:
			if err := s.takePart(part); err != nil {
				return err
			}
			if !part.GetGoesOn() {
				defer close(s.inventory.whole)
				return s.endMissing()
			}
		}
	}
}

func (s *session) takePart(part *agentv1.InventoryPart) error {
	if err := checkInventory(part.GetWorkers()); err != nil {
		return err
	}
	statuses := statusesOf(part.GetWorkers())
	for _, status := range statuses {
		s.inventory.has[status.WorkerID] = true
	}
	if n := len(s.inventory.has); n > maxInventory {
		return errs.Field("inventory", "a node names at most %d workers, not %d", maxInventory, n)
	}
	return s.believe(statuses, func(some []command.WorkerStatus) (taken int, err error) {
		c := &command.TakeInventory{Node: s.node, Statuses: some}
		if _, err := s.cfg().Door.Execute(s.ctx, c.Decide); err != nil {
			return 0, err
		}
		s.fence(c.Unknown)
		return c.Taken, nil
	})
}

// endMissing ends what the node once ran and has not named.
func (s *session) endMissing() error {
	c := &command.TakeInventory{
		Node:    s.node,
		Has:     s.inventory.has,
		Last:    true,
		Sparing: map[string]bool{},
	}
	ending := func() string { return c.Ending }
	more := func() bool { return c.More }
	return s.leadership.inSteps(s.ctx, c.Decide, c.Sparing, ending, more)
}

// fence tells the agent to stop workers that this cluster does not know as workers of its node.
func (s *session) fence(unknown []string) {
	if len(unknown) == 0 {
		return
	}
	fence := &agentv1.Fence{WorkerIds: unknown, Reason: "the cluster does not know them as workers of this node"}
	s.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Fence{Fence: fence}})
	s.cfg().Log.WarnContext(s.ctx, "workers fenced", "workers", unknown)
}
