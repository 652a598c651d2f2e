package placement

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/server/command"
)

// serviceNodes does the next step of each drain, and has nodes tried again that were set aside for long enough. All
// drains share the room for what is on its way out; those of the nodes that come first go first.
func (p *Placement) serviceNodes(ctx context.Context, view *state.View, guard func(string, func()), now time.Time) {
	var room *command.DrainRoom
	for node := range view.Nodes() {
		if p.aside.holds(node.ID, now) {
			continue
		}
		ctx := logging.With(ctx, logging.Node, node.Name)
		if command.ToBeTried(node, now) {
			guard(node.ID, func() { p.execute(ctx, node.ID, (&command.TryNode{Node: node.ID}).Decide) })
		}
		if !node.Draining() {
			continue
		}
		if room == nil { // counting it costs something, and mostly nothing drains
			counted := command.RoomForDrains(view, p.cfg.Limits, now)
			room = &counted
		}
		guard(node.ID, func() {
			step := &command.AdvanceDrain{Node: node.ID, Room: *room, Left: *room}
			p.execute(ctx, node.ID, step.Decide)
			*room = step.Left
		})
	}
}
