package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// ReserveSlots reserves pre-initialised slots of one type for an application as the scheduler proposes: all of them, or
// none.
type ReserveSlots struct {
	ApplicationID string
	Type          state.WorkerType
	Shares        []Share
}

// Decide checks the proposal on the newest view. If the proposal no longer holds, it is Refused, with the reason.
func (c *ReserveSlots) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application := view.Application(c.ApplicationID)
	if application == nil || !application.Prepares() {
		return nil, errs.New(errs.Refused, "cannot reserve slots for application %s: it does not start",
			c.ApplicationID)
	}
	if err := c.check(view, application, meta.Limits); err != nil {
		return nil, err
	}
	initial := application.InitialOf(c.Type)
	d := draft(view, meta)
	for _, share := range c.Shares {
		reserved := &eventv1.SlotsReserved{
			ApplicationId: application.ID,
			NodeId:        share.Node,
			Type:          eventv1.WorkerType(c.Type),
			Size:          wire.Size(initial.Size),
		}
		for range share.Count {
			reserved.SlotIds = append(reserved.SlotIds, meta.IDs.NewID())
		}
		d.Add(reserved)
	}
	return d.Events(), nil
}

// check holds that the slots are missing, that each share fits on its node, and that all of them fit in the limits.
func (c *ReserveSlots) check(view *state.View, application *state.Application, limits Limits) error {
	initial := application.InitialOf(c.Type)
	count := uint32(0)
	seen := map[string]bool{}
	for _, share := range c.Shares {
		if seen[share.Node] {
			return c.notReady(share)
		}
		seen[share.Node] = true
		if err := c.checkShare(view, share, initial.Size, application.Nodes.Where()); err != nil {
			return err
		}
		count += share.Count
	}
	if held := PoolHeld(view, application.ID, c.Type); held+count > initial.Count {
		return errs.New(errs.Refused, "cannot reserve %d slots of %s for application %s: it has %d of %d",
			count, c.Type, application.ID, held, initial.Count)
	}
	return checkLimits(view, limits, application, initial.Size.Times(int64(count)))
}

// checkShare holds that a node takes work, meets the application's constraints, and has room for its share of slots.
func (c *ReserveSlots) checkShare(view *state.View, share Share, size state.Size, where *label.Set) error {
	node := view.Node(share.Node)
	if node == nil || !node.Takes() || share.Count == 0 {
		return c.notReady(share)
	}
	if !where.Holds(node.Labelled()) {
		return errs.New(errs.Refused, "cannot reserve slots for application %s on node %s: the node does not meet %s",
			c.ApplicationID, node.Name, where)
	}
	need := resource.Room{Vector: size.Times(int64(share.Count)), Slots: int64(share.Count)}
	if free := view.RoomOfNode(node); !free.Holds(need.Vector, need.Slots) {
		return errs.New(errs.Refused, "cannot reserve slots for application %s on node %s: %s",
			c.ApplicationID, node.Name, lacking(free, need))
	}
	return nil
}

func (c *ReserveSlots) notReady(share Share) error {
	return errs.New(errs.Refused,
		"cannot reserve %d slots for application %s on node %s: the node takes nothing, or is named twice",
		share.Count, c.ApplicationID, share.Node)
}

// PoolHeld counts the pre-initialised slots of a type that an application holds.
func PoolHeld(view *state.View, application string, t state.WorkerType) uint32 {
	return view.PoolCounts(application)[t].Held
}

// PoolMissing says for people which pre-initialised slots of an application are not ready. It is empty if all are.
func PoolMissing(view *state.View, application *state.Application) string {
	var missing []string
	counts := view.PoolCounts(application.ID)
	for _, initial := range application.Initial {
		if ready := counts[initial.Type].Ready; ready < initial.Count {
			missing = append(missing, fmt.Sprintf("%d of %d %s", ready, initial.Count, initial.Type))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "pre-initialised workers ready: " + strings.Join(missing, ", ")
}
