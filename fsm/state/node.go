package state

import (
	"iter"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// NodeState says whether a node holds a lease. The numbers are those of snapshots.
type NodeState int32

// The states of a node.
const (
	NodeReady       NodeState = 1
	NodeLost        NodeState = 2
	NodeNotApproved NodeState = 3 // it holds a lease, and is given nothing
	// NodeLosing: its lease is over. It takes nothing new, and what is on it ends in several records; then it is LOST.
	NodeLosing NodeState = 4
)

// String returns the state's name.
func (s NodeState) String() string { return name(s, "", "READY", "LOST", "NOT_APPROVED", "LOSING") }

// How a node isolates its workers.
const (
	IsolationSandbox = "SANDBOX"
	IsolationNone    = "NONE"
)

// NodeCertificate is the certificate that a node's agent proved to hold. The zero value is no certificate, as without
// TLS.
type NodeCertificate struct {
	Name   string    // the node that it is for, which is the node's own name
	SHA256 string    // in hexadecimal
	Issued time.Time // when it begins to hold
}

// Node is a machine that offers resources.
type Node struct {
	ID           string
	Name         string
	Zone         string
	Capacity     resource.Vector
	ShuffleDisk  bool
	Architecture string
	Host         string // at which its workers are reached
	AgentVersion string
	BootID       string
	Releases     []string // that it holds
	Java         []uint32 // major versions of Java that its workers can have
	Python       string   // version of the Python that its workers have unless they bring one; empty: none

	Isolation string   // of its workers: IsolationSandbox or IsolationNone
	Gaps      []string // what isolation lacks, for people
	Shared    []string // directories that its workers share

	Labels label.Labels // that its agent gives it

	Certificate NodeCertificate // to whose name the id belongs
	HeldBack    bool            // until an operator approves it

	Cordon   Cordon
	Drain    Drain
	Aside    Aside
	Failures []NodeFailure // of late, oldest first

	State        NodeState
	StateDetails string
	Joined       time.Time // when the cluster first knew it
	Registered   time.Time
}

// Here says whether the node holds a lease, approved or not.
func (n *Node) Here() bool { return n.State == NodeReady || n.State == NodeNotApproved }

// Holds says whether the node holds a release.
func (n *Node) Holds(release string) bool { return slices.Contains(n.Releases, release) }

// Labelled returns what constraints look at, with the labels that every node has.
func (n *Node) Labelled() *label.Node {
	return &label.Node{
		ID:           n.ID,
		Name:         n.Name,
		Zone:         n.Zone,
		Architecture: n.Architecture,
		ShuffleDisk:  n.ShuffleDisk,
		Own:          n.Labels,
	}
}

// Node returns the node with an id, or nil.
func (v *View) Node(id string) *Node { return v.nodes.get(id) }

// NodeNamed returns the node with an id. If there is none, it returns the only node with that name, or nil.
func (v *View) NodeNamed(idOrName string) *Node {
	if n := v.nodes.get(idOrName); n != nil {
		return n
	}
	ids := slices.Collect(v.namesOfNodes.within(key(idOrName, "")))
	if len(ids) != 1 {
		return nil
	}
	return v.nodes.get(ids[0])
}

// CountNodes returns how many nodes there are.
func (v *View) CountNodes() int { return v.nodes.rows.Len() }

// NodesNamed yields the nodes with a name, by id. At most one of them is not lost.
func (v *View) NodesNamed(name string) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for id := range v.namesOfNodes.within(key(name, "")) {
			if !yield(v.nodes.get(id)) {
				return
			}
		}
	}
}

// Nodes yields all nodes by id.
func (v *View) Nodes() iter.Seq[*Node] { return v.nodes.all() }

// UsedOfNode returns what the slots on a node hold.
func (v *View) UsedOfNode(id string) resource.Vector { return v.usedOfNode.get(id) }

// SlotsOfNode returns how many slots there are on a node.
func (v *View) SlotsOfNode(id string) int64 { return v.slotsOfNode.get(id) }

// RoomOfNode returns what a node has for further slots. A part is negative if the node offers less of it than it did.
func (v *View) RoomOfNode(n *Node) resource.Room {
	return resource.Room{Vector: n.Capacity, Slots: resource.MaxSlots}.Without(v.UsedOfNode(n.ID), v.SlotsOfNode(n.ID))
}

// PutNode adds or replaces a node.
func (tx *Tx) PutNode(n Node) {
	changed(&tx.view.changes.Nodes, n.ID)
	if old := tx.view.nodes.get(n.ID); old != nil {
		tx.RemoveNode(old.ID)
	}
	tx.view.nodes.put(n.ID, &n)
	tx.view.namesOfNodes.put(key(n.Name, n.ID), n.ID)
	tx.view.nodesBySortKey.put(NodeSortKey(&n), n.ID)
}

// RemoveNode removes a node without slots.
func (tx *Tx) RemoveNode(id string) {
	changed(&tx.view.changes.Nodes, id)
	n := tx.view.nodes.get(id)
	tx.view.namesOfNodes.remove(key(n.Name, n.ID))
	tx.view.nodesBySortKey.remove(NodeSortKey(n))
	tx.view.nodes.remove(id)
}

// NodeSortKey returns the key by which nodes are in the order of their zones and names.
func NodeSortKey(n *Node) string { return key(n.Zone, n.Name, n.ID) }

// NodesByName yields the nodes after a sort key, by zone and name.
func (v *View) NodesByName(after string) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for id := range v.nodesBySortKey.after("", after) {
			if !yield(v.nodes.get(id)) {
				return
			}
		}
	}
}
