package command_test

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// on says where an application's workers may go.
func on(constraints ...string) func(*specv1.Application) {
	return func(a *specv1.Application) { a.SetConstraints(constraints) }
}

// labelledNode registers a node of zone a with a disk of a kind.
func labelledNode(id, disk string) *command.RegisterNode {
	c := node(id, "a")
	c.Node.Labels = label.Of(map[string]string{"disk": disk})
	return c
}

func TestPlace_RefusesNodesThatDoNotMeetTheConstraints(t *testing.T) {
	w := newWorld(t)
	w.given(labelledNode("n1", "nvme"), labelledNode("n2", "hdd"), create("fast", auto, on("disk == nvme")))
	w.given(submit("run", 1, in("fast")))
	w.refuses(place("run", 1, "n2", "n1"), errs.Refused, "on node n2: the node does not meet disk == nvme")
	w.refuses(place("run", 1, "n1", "n2"), errs.Refused, "on node n2: the node does not meet disk == nvme")
	w.given(place("run", 1, "n1", "n1"))
	w.given(submit("own", 0, in("fast"), func(c *command.StartJobRun) {
		c.Spec.SetConstraints([]string{"node != n1"})
	}))
	w.refuses(place("own", 1, "n1"), errs.Refused, "does not meet disk == nvme and node != n1")
}

// What runs on a node goes on when the node's labels change; growth no longer goes there.
func TestRegisterNode_TakesOtherLabelsWhileWorkersRun(t *testing.T) {
	w := newWorld(t)
	w.given(labelledNode("n1", "nvme"), labelledNode("n2", "nvme"), create("fast", auto, on("disk == nvme")))
	w.runs("run", 2, in("fast"), taskRetries(1))
	w.given(running(w.worker("run", 1)))
	relabelled := w.returns("n1")
	relabelled.Node.Labels = label.Of(map[string]string{"disk": "hdd"})
	w.then(relabelled, "NodeRegistered")
	w.then(relabelled) // the same is no news
	w.wantRun("run", state.RunRunning, "")
	w.given(exited(w.worker("run", 1), badly))
	w.refuses(place("run", 1, "", "n1"), errs.Refused, "on node n1: the node does not meet disk == nvme")
	w.given(place("run", 1, "", "n2"))
}

func TestReserveSlots_RefusesNodesThatDoNotMeetTheConstraints(t *testing.T) {
	w := newWorld(t)
	w.given(labelledNode("n1", "nvme"), labelledNode("n2", "nvme"))
	size := state.Size{Vector: gib(1, 2, 20), Disk: resource.DiskStandard}
	w.given(create("pooled", on("disk == nvme"), holding("DRIVER", 2, size)))
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	share := func(node string) command.Share { return command.Share{Node: node, Count: 1} }
	w.refuses(reserve(state.TypeDriver, share("n3")), errs.Refused, "on node n3: the node does not meet disk == nvme")
	w.given(reserve(state.TypeDriver, share("n1"), share("n2")))
	for _, slot := range w.slots(state.TypeDriver) {
		w.given(prepared(slot))
	}
	w.given(labelledNode("n2", "hdd"))
	run := submit("run", 0, in("pooled"))
	run.Spec.GetDriver().GetProcess().SetDriverSize(specv1.ProcessSize_builder{
		MilliCpu: new(int64(1000)), MemoryMib: new(int64(2 << 10)), DiskMib: new(int64(20 << 10)),
	}.Build())
	w.given(run)
	for _, slot := range w.slots(state.TypeDriver) {
		taken := &command.Place{JobRunID: "run", Attempt: 1, Zone: "a", Driver: slot.Node, DriverSlot: slot.ID}
		if slot.Node == "n2" {
			w.refuses(taken, errs.Refused, "on node n2: the node does not meet disk == nvme")
		} else {
			defer w.given(taken)
		}
	}
}

// An application may name labels that no node has yet: nodes may come.
func TestCreateApplication_TakesConstraintsThatNoNodeMeets(t *testing.T) {
	w := newWorld(t)
	w.given(create("later", auto, on("gpu exists")), submit("run", 0, in("later")))
	w.wantRun("run", state.RunPending, "")
}
