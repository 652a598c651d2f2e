package command

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// RegisterNode takes a node's offer and its full inventory of workers, or the offer alone when TakeInventory takes the inventory.
type RegisterNode struct {
	Node      state.Node // State and Registered are set by the decision
	Inventory []WorkerStatus
	OfferOnly bool // the inventory is empty, and says nothing

	More    bool     // the result: the inventory needs further steps; it is to be decided again
	Unknown []string // the result: live workers of the inventory that this cluster does not know
}

// Decide takes the node in, believes its inventory, and ends the workers that it once ran and no longer has. A node that was being
// lost is back: what has ended stays so, and what has not is believed like the rest.
func (c *RegisterNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := draft(view, meta)
	if err := c.check(view); err != nil {
		return nil, err
	}
	c.shrink(d, meta.Limits)
	if old, offer := view.Node(c.Node.ID), c.offer(d.View()); old == nil || !sameOffer(old, offer) {
		d.Add(registered(offer))
	}
	c.More, c.Unknown = false, nil
	if !c.OfferOnly {
		inventory := &TakeInventory{Node: c.Node.ID, Statuses: c.Inventory, Has: Named(c.Inventory), Last: true}
		inventory.take(d, view, meta.Limits)
		c.More, c.Unknown = inventory.More, inventory.Unknown
	}
	return d.Events(), nil
}

// TakeInventory takes a part of what a node that has just registered has.
type TakeInventory struct {
	Node     string
	Statuses []WorkerStatus
	Has      map[string]bool // with Last: ids of all workers that the node has named since it registered
	Last     bool            // the node has named all: what it does not have is ended
	Sparing  map[string]bool // workers whose end cannot be decided, by id: they are left

	Ending  string   // the result: the worker whose end was being decided when the decision did not return
	Taken   int      // the result: so many of the statuses are decided on
	More    bool     // the result: there is more than one step takes; what is not taken is to be decided again
	Unknown []string // the result: live workers of those taken that this cluster does not know
}

// Named are the ids in statuses.
func Named(statuses []WorkerStatus) map[string]bool {
	named := make(map[string]bool, len(statuses))
	for _, status := range statuses {
		named[status.WorkerID] = true
	}
	return named
}

// Decide believes statuses and, with the last of them, ends the workers that the node once ran and no longer has.
func (c *TakeInventory) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := draft(view, meta)
	c.take(d, view, meta.Limits)
	return d.Events(), nil
}

func (c *TakeInventory) take(d *fsm.Draft, before *state.View, limits Limits) {
	c.Ending = ""
	c.Taken = reportAll(d, limits, c.Node, c.Statuses)
	c.Unknown = unknown(before, c.Node, c.Statuses[:c.Taken])
	c.More = c.Taken < len(c.Statuses)
	if c.More || !c.Last {
		return
	}
	for _, worker := range c.missing(d.View()) {
		if d.Full() {
			c.More, c.Ending = true, ""
			return
		}
		c.Ending = worker.ID
		endWorker(d, limits, worker, state.Exit{Reason: state.ExitDisappeared, Message: "its node came back without it"})
	}
	c.Ending = ""
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

// shrink gives up pre-initialised slots that no worker is in, as long as the node holds more than it offers now. What one step does
// not take stays, and is offered.
func (c *RegisterNode) shrink(d *fsm.Draft, limits Limits) {
	used, surplus := d.View().UsedOfNode(c.Node.ID), []*state.Slot(nil)
	for slot := range d.View().PoolOfNode(c.Node.ID) {
		if used.FitsIn(c.Node.Capacity) {
			break
		}
		if slot.Worker == "" {
			surplus, used = append(surplus, slot), used.Sub(slot.Size.Vector)
		}
	}
	releaseSlots(d, limits, surplus, "its node offers less than before")
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
		slices.Equal(a.Java, b.Java) && a.Python == b.Python && a.StateDetails == b.StateDetails
}

func registered(n *state.Node) *eventv1.NodeRegistered {
	disks := []eventv1.DiskType{eventv1.DiskType_DISK_TYPE_STANDARD}
	if n.ShuffleDisk {
		disks = append(disks, eventv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED)
	}
	return &eventv1.NodeRegistered{NodeId: n.ID, Name: n.Name, Zone: n.Zone, Capacity: wire.Vector(n.Capacity), DiskTypes: disks,
		Architecture: n.Architecture, Host: n.Host, AgentVersion: n.AgentVersion, Releases: n.Releases, BootId: n.BootID,
		JavaVersions: n.Java, PythonVersion: n.Python, Trouble: n.StateDetails}
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
func (c *TakeInventory) missing(view *state.View) (gone []*state.Worker) {
	for worker := range view.LiveWorkersOfNode(c.Node) {
		if worker.State == state.WorkerRunning && !c.Has[worker.ID] && !c.Sparing[worker.ID] {
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
	d := draft(view, meta)
	d.Add(registered(&changed))
	return d.Events(), nil
}

// LoseNode takes that a node's lease ran out.
type LoseNode struct {
	Node, Reason string          // no reason: the one that was said when it began to be lost
	Sparing      map[string]bool // workers whose end cannot be decided, by id: they are left, and with them the node's last step

	Ending string // the result: the worker whose end was being decided when the decision did not return
	More   bool   // the result: there is more on it than one step ends; it is LOSING, and is to be decided again
}

// Decide ends the node's workers, but not those that are to go on without a lease, and releases its slots. They end first, so that
// a lost node never holds a slot, not even between two events. When one step cannot end all, the node is LOSING until the last one.
func (c *LoseNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	c.Ending, c.More = "", false
	if node == nil || node.State == state.NodeLost {
		return nil, nil
	}
	d, reason := draft(view, meta), cmp.Or(c.Reason, node.StateDetails)
	c.More = c.endWorkers(d, meta.Limits, node, reason) ||
		releaseSlots(d, meta.Limits, slices.Collect(d.View().PoolOfNode(node.ID)), "its node was lost")
	switch {
	case !c.More && len(c.Sparing) == 0:
		d.Add(&eventv1.NodeLost{NodeId: c.Node, Reason: reason})
	case node.State == state.NodeReady:
		d.Add(&eventv1.NodeLosing{NodeId: c.Node, Reason: reason})
	}
	return d.Events(), nil
}

// endWorkers ends those that do not go on without a lease, and notes at whose end it is.
func (c *LoseNode) endWorkers(d *fsm.Draft, limits Limits, node *state.Node, reason string) (more bool) {
	more = endWorkersOf(d, limits, node, reason, func(worker *state.Worker) bool {
		c.Ending = worker.ID
		return !c.Sparing[worker.ID] && !d.View().JobRun(worker.Run).Submission.Keep
	})
	c.Ending = ""
	return more
}

// endWorkersOf ends those workers of a node, and says whether it left some to the next step.
func endWorkersOf(d *fsm.Draft, limits Limits, node *state.Node, reason string, of func(*state.Worker) bool) (more bool) {
	exit := state.Exit{Reason: state.ExitNodeLost, Message: fmt.Sprintf("node %s in zone %s: %s", node.Name, node.Zone, reason)}
	for _, worker := range slices.Collect(d.View().LiveWorkersOfNode(node.ID)) {
		if !of(worker) {
			continue
		}
		if d.Full() {
			return true
		}
		endWorker(d, limits, worker, exit)
	}
	return false
}

// ForgetNode removes a lost node.
type ForgetNode struct {
	IDOrName string

	More bool // the result: there is more on it than one step ends; it is to be decided again
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
	d := draft(view, meta)
	if c.More = endWorkersOf(d, meta.Limits, node, "the node was forgotten", func(*state.Worker) bool { return true }); !c.More {
		d.Add(&eventv1.NodeForgotten{NodeId: node.ID})
	}
	return d.Events(), nil
}
