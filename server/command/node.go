package command

import (
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// RegisterNode takes a node's offer and its full inventory of workers.
type RegisterNode struct {
	Node      state.Node // State and Registered are set by the decision
	Inventory []WorkerStatus

	Unknown []string // the result: live workers of the inventory that this cluster does not know
}

// Decide takes the node in, believes its inventory, and ends the workers that it once ran and no longer has.
func (c *RegisterNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := fsm.NewDraft(view, meta.Now)
	if err := c.check(view); err != nil {
		return nil, err
	}
	c.shrink(d)
	if old, offer := view.Node(c.Node.ID), c.offer(d.View()); old == nil || !sameOffer(old, offer) {
		d.Add(registered(offer))
	}
	c.Unknown = unknown(view, c.Node.ID, c.Inventory)
	for _, status := range c.Inventory {
		report(d, meta.Limits, c.Node.ID, status)
	}
	for _, worker := range c.missing(d.View()) {
		endWorker(d, meta.Limits, worker, state.Exit{Reason: state.ExitDisappeared, Message: "its node came back without it"})
	}
	return d.Events(), nil
}

// check holds that a name belongs to one node, for people use names, and that a node stays in its zone while it has workers,
// for an attempt's workers share one.
func (c *RegisterNode) check(view *state.View) error {
	for other := range view.NodesNamed(c.Node.Name) {
		if other.ID != c.Node.ID && other.State == state.NodeReady {
			return errs.New(errs.Conflict, "cannot register node %q: a ready node with another id has this name; give each agent a name of its own", c.Node.Name)
		}
	}
	workers := len(slices.Collect(view.LiveWorkersOfNode(c.Node.ID)))
	if old := view.Node(c.Node.ID); workers > 0 && old.Zone != c.Node.Zone {
		return errs.New(errs.WrongState, "cannot register node %q in zone %q: it has %d workers in zone %q; stop its agent until its lease is over, then start it again",
			c.Node.Name, c.Node.Zone, workers, old.Zone)
	}
	return nil
}

// shrink gives up pre-initialised slots that no worker is in, as long as the node holds more than it offers now.
func (c *RegisterNode) shrink(d *fsm.Draft) {
	for _, slot := range slices.Collect(d.View().PoolOfNode(c.Node.ID)) {
		if d.View().UsedOfNode(c.Node.ID).FitsIn(c.Node.Capacity) {
			return
		}
		releaseSlots(d, []*state.Slot{slot}, "its node offers less than before")
	}
}

// offer is the node as it will be. It never offers less than its workers hold: what is held cannot be taken back, and nothing
// new fits beside it.
func (c *RegisterNode) offer(view *state.View) *state.Node {
	node, used := c.Node, view.UsedOfNode(c.Node.ID)
	node.Capacity = resource.Vector{MilliCPU: max(node.Capacity.MilliCPU, used.MilliCPU), MemoryMiB: max(node.Capacity.MemoryMiB, used.MemoryMiB),
		DiskMiB: max(node.Capacity.DiskMiB, used.DiskMiB)}
	return &node
}

func sameOffer(a, b *state.Node) bool {
	return a.State == state.NodeReady && a.Name == b.Name && a.Zone == b.Zone && a.Capacity == b.Capacity && a.ShuffleDisk == b.ShuffleDisk &&
		a.Architecture == b.Architecture && a.Host == b.Host && a.AgentVersion == b.AgentVersion && a.BootID == b.BootID && slices.Equal(a.Releases, b.Releases) &&
		slices.Equal(a.Java, b.Java) && a.Python == b.Python
}

func registered(n *state.Node) *eventv1.NodeRegistered {
	disks := []eventv1.DiskType{eventv1.DiskType_DISK_TYPE_STANDARD}
	if n.ShuffleDisk {
		disks = append(disks, eventv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED)
	}
	return &eventv1.NodeRegistered{NodeId: n.ID, Name: n.Name, Zone: n.Zone, Capacity: wire.Vector(n.Capacity), DiskTypes: disks,
		Architecture: n.Architecture, Host: n.Host, AgentVersion: n.AgentVersion, Releases: n.Releases, BootId: n.BootID,
		JavaVersions: n.Java, PythonVersion: n.Python}
}

// unknown names the inventory's live workers that the node is not to have.
func unknown(view *state.View, node string, inventory []WorkerStatus) (ids []string) {
	for _, status := range inventory {
		worker := view.Worker(status.WorkerID)
		known := worker != nil && worker.Live() && worker.Node == node && worker.Epoch == status.Epoch
		if !known && status.Exit == nil {
			ids = append(ids, status.WorkerID)
		}
	}
	return ids
}

// missing returns the workers that ran on the node and are not in its inventory. One that is only placed was not told yet.
func (c *RegisterNode) missing(view *state.View) (gone []*state.Worker) {
	has := map[string]bool{}
	for _, status := range c.Inventory {
		has[status.WorkerID] = true
	}
	for worker := range view.LiveWorkersOfNode(c.Node.ID) {
		if worker.State == state.WorkerRunning && !has[worker.ID] {
			gone = append(gone, worker)
		}
	}
	return gone
}

// SetReleases takes that a node holds other releases now.
type SetReleases struct {
	Node     string
	Releases []string
}

// Decide registers the node again with them.
func (c *SetReleases) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	if node == nil || node.State != state.NodeReady || slices.Equal(node.Releases, c.Releases) {
		return nil, nil
	}
	changed := *node
	changed.Releases = c.Releases
	d := fsm.NewDraft(view, meta.Now)
	d.Add(registered(&changed))
	return d.Events(), nil
}

// LoseNode takes that a node's lease ran out.
type LoseNode struct {
	Node, Reason string
}

// Decide ends the node's workers, but not those that are to go on without a lease. They end first, so that a lost node never
// holds a slot, not even between two events.
func (c *LoseNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	if node == nil || node.State == state.NodeLost {
		return nil, nil
	}
	d := fsm.NewDraft(view, meta.Now)
	endWorkersOf(d, meta.Limits, node, c.Reason, func(run *state.JobRun) bool { return !run.Submission.Keep })
	releaseSlots(d, slices.Collect(d.View().PoolOfNode(node.ID)), "its node was lost")
	d.Add(&eventv1.NodeLost{NodeId: c.Node, Reason: c.Reason})
	return d.Events(), nil
}

func endWorkersOf(d *fsm.Draft, limits Limits, node *state.Node, reason string, of func(*state.JobRun) bool) {
	exit := state.Exit{Reason: state.ExitNodeLost, Message: fmt.Sprintf("node %s in zone %s: %s", node.Name, node.Zone, reason)}
	for _, worker := range slices.Collect(d.View().LiveWorkersOfNode(node.ID)) {
		if of(d.View().JobRun(worker.Run)) {
			endWorker(d, limits, worker, exit)
		}
	}
}

// ForgetNode removes a lost node.
type ForgetNode struct {
	IDOrName string
	By       string // who asks for it
}

// Decide removes it, with the workers that were to go on without a lease.
func (c *ForgetNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.NodeNamed(c.IDOrName)
	if node == nil {
		return nil, errs.New(errs.NotFound, "there is no node %q", c.IDOrName)
	}
	if node.State != state.NodeLost {
		return nil, errs.New(errs.WrongState, "cannot forget node %s: it is %s; stop its agent first", node.Name, node.State)
	}
	d := fsm.NewDraft(view, meta.Now)
	endWorkersOf(d, meta.Limits, node, "the node was forgotten", func(*state.JobRun) bool { return true })
	d.Add(&eventv1.NodeForgotten{NodeId: node.ID, ForgottenBy: c.By})
	return d.Events(), nil
}
