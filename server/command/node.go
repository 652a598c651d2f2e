package command

import (
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// RegisterNode registers a node with its offer and its full inventory of workers, or with the offer alone if
// TakeInventory takes the inventory.
type RegisterNode struct {
	Node      state.Node // as its agent says, with the certificate that it proved to hold; the decision sets the rest
	Inventory []WorkerStatus
	OfferOnly bool // the inventory is empty, and says nothing

	More     bool     // a result: the inventory needs further steps; it is to be decided again
	Unknown  []string // a result: live workers of the inventory that this cluster does not know
	HeldBack bool     // a result: an operator has to approve the node before it is given anything
}

// Decide registers the node, believes its inventory, and ends the workers that it once ran and no longer has. If the
// node was being lost, it is back: workers that have ended stay ended, and the others are believed like the rest.
func (c *RegisterNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	for _, check := range []func(*state.View) error{c.checkCertificate, c.checkID, c.checkName, c.checkZone} {
		if err := check(view); err != nil {
			return nil, err
		}
	}
	d := draft(view, meta)
	if err := c.register(d, meta.Limits); err != nil {
		return nil, err
	}
	c.HeldBack = d.View().Node(c.Node.ID).HeldBack
	c.More = false
	c.Unknown = nil
	if !c.OfferOnly {
		inventory := &TakeInventory{
			Node:     c.Node.ID,
			Statuses: c.Inventory,
			Has:      Named(c.Inventory),
			Last:     true,
		}
		inventory.take(d, view, meta)
		c.More = inventory.More
		c.Unknown = inventory.Unknown
	}
	return d.Events(), nil
}

// TakeInventory takes a part of the inventory of a node that has just registered.
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

// Named returns the ids in statuses.
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
	c.take(d, view, meta)
	return d.Events(), nil
}

func (c *TakeInventory) take(d *fsm.Draft, before *state.View, meta Meta) {
	c.Ending = ""
	c.Taken = reportAll(d, meta.Limits, c.Node, c.Statuses)
	judge(d, meta, c.Node, refusedStarts(before, c.Node, c.Statuses[:c.Taken]))
	c.Unknown = unknown(before, c.Node, c.Statuses[:c.Taken])
	c.More = c.Taken < len(c.Statuses)
	if c.More || !c.Last {
		return
	}
	c.More = c.endMissing(d, meta)
	c.Ending = ""
}

// endMissing ends the workers that the node does not have, and says whether it left some to the next step.
func (c *TakeInventory) endMissing(d *fsm.Draft, meta Meta) (more bool) {
	lost := blame{kind: state.NodeLostAWorker}
	for _, worker := range c.missing(d.View()) {
		if d.Full() {
			return true
		}
		c.Ending = worker.ID
		endWorker(d, meta.Limits, worker,
			state.Exit{Reason: state.ExitDisappeared, Message: "its node came back without it"})
		lost.on(worker.Application, worker.Run)
	}
	judge(d, meta, c.Node, lost)
	return false
}

// register takes the offer, if it is news.
func (c *RegisterNode) register(d *fsm.Draft, limits Limits) error {
	last := c.replace(d, limits)
	old := d.View().Node(c.Node.ID)
	if old == nil {
		return c.join(d, limits, last)
	}
	c.shrink(d, limits)
	if offer := c.offer(d.View()); !sameOffer(old, offer) {
		d.Add(registered(offer))
	}
	return nil
}

// checkZone holds that a node stays in its zone while it has workers, for an attempt's workers share one.
func (c *RegisterNode) checkZone(view *state.View) error {
	workers := len(slices.Collect(view.LiveWorkersOfNode(c.Node.ID)))
	if old := view.Node(c.Node.ID); workers > 0 && old.Zone != c.Node.Zone {
		return errs.New(errs.WrongState,
			"cannot register node %q in zone %q: it has %d workers in zone %q; stop its agent until its lease is "+
				"over, then start it again",
			c.Node.Name, c.Node.Zone, workers, old.Zone)
	}
	return nil
}

// shrink gives up pre-initialised slots that no worker is in, as long as the node holds more than it offers now. Slots
// that one step does not take stay, and are part of the offer.
func (c *RegisterNode) shrink(d *fsm.Draft, limits Limits) {
	used := d.View().UsedOfNode(c.Node.ID)
	var surplus []*state.Slot
	for slot := range d.View().PoolOfNode(c.Node.ID) {
		if used.FitsIn(c.Node.Capacity) {
			break
		}
		if slot.Worker == "" {
			surplus = append(surplus, slot)
			used = used.Sub(slot.Size.Vector)
		}
	}
	releaseSlots(d, limits, surplus, "its node offers less than before")
}

// offer returns the node as it will be. It never offers less than what its slots hold: that cannot be taken back, and
// nothing new fits beside it.
func (c *RegisterNode) offer(view *state.View) *state.Node {
	node := c.Node
	used := view.UsedOfNode(c.Node.ID)
	node.Capacity = resource.Vector{
		MilliCPU:  max(node.Capacity.MilliCPU, used.MilliCPU),
		MemoryMiB: max(node.Capacity.MemoryMiB, used.MemoryMiB),
		DiskMiB:   max(node.Capacity.DiskMiB, used.DiskMiB),
	}
	return &node
}

// sameOffer says whether a node is here and registers with just what is known of it.
func sameOffer(a, b *state.Node) bool {
	return a.Here() && sameMachine(a, b) && sameSoftware(a, b) && sameIsolation(a, b) &&
		(a.HeldBack || a.StateDetails == b.StateDetails)
}

func sameMachine(a, b *state.Node) bool {
	return a.Certificate == b.Certificate && a.Name == b.Name && a.Zone == b.Zone && a.Host == b.Host &&
		a.BootID == b.BootID && a.Capacity == b.Capacity && a.ShuffleDisk == b.ShuffleDisk &&
		a.Architecture == b.Architecture && slices.Equal(a.Labels, b.Labels)
}

func sameSoftware(a, b *state.Node) bool {
	return a.AgentVersion == b.AgentVersion && slices.Equal(a.Releases, b.Releases) &&
		slices.Equal(a.Java, b.Java) && a.Python == b.Python
}

func sameIsolation(a, b *state.Node) bool {
	return a.Isolation == b.Isolation && slices.Equal(a.Gaps, b.Gaps) && slices.Equal(a.Shared, b.Shared)
}

func registered(n *state.Node) *eventv1.NodeRegistered {
	trouble := n.StateDetails
	if n.HeldBack { // they say something else
		trouble = ""
	}
	return &eventv1.NodeRegistered{
		NodeId:            n.ID,
		Name:              n.Name,
		Zone:              n.Zone,
		Capacity:          wire.Vector(n.Capacity),
		DiskTypes:         wire.Disks(n.ShuffleDisk),
		Architecture:      n.Architecture,
		Host:              n.Host,
		AgentVersion:      n.AgentVersion,
		Releases:          n.Releases,
		BootId:            n.BootID,
		JavaVersions:      n.Java,
		PythonVersion:     n.Python,
		Isolation:         n.Isolation,
		IsolationGaps:     n.Gaps,
		SharedDirectories: n.Shared,
		Labels:            n.Labels.Map(),
		Trouble:           trouble,
		Certificate:       wire.Certificate(n.Certificate),
	}
}

// unknown returns the live workers of the inventory that the node is not to have.
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

// missing returns the workers that ran on the node and are not in its inventory. If a worker is only placed, the node
// was not told of it yet.
func (c *TakeInventory) missing(view *state.View) (gone []*state.Worker) {
	for worker := range view.LiveWorkersOfNode(c.Node) {
		if worker.State == state.WorkerRunning && !c.Has[worker.ID] && !c.Sparing[worker.ID] {
			gone = append(gone, worker)
		}
	}
	return gone
}

// SetReleases takes the fact that a node holds other releases now.
type SetReleases struct {
	Node     string
	Releases []string
}

// Decide registers the node again with its new releases.
func (c *SetReleases) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	if node == nil || !node.Here() || slices.Equal(node.Releases, c.Releases) {
		return nil, nil
	}
	changed := *node
	changed.Releases = c.Releases
	d := draft(view, meta)
	d.Add(registered(&changed))
	return d.Events(), nil
}
