package scheduler

import (
	"maps"
	"slices"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// node is a node, and what the plan in the making leaves free on it.
type node struct {
	Node
	zone    int           // its number
	free    resource.Room // working amount: what there is without what a plan takes
	bulk    int64         // of the working amount
	lean    int           // of the working amount
	indexes []*index      // every index that holds it
	placed  bool          // it is in the indexes of the classes that it serves
	touched bool          // it is in Cluster.touched
}

// labelled returns what constraints look at.
func (n *Node) labelled() *label.Node {
	return &label.Node{
		ID:           n.ID,
		Name:         n.Name,
		Zone:         n.Zone,
		Architecture: n.Architecture,
		ShuffleDisk:  n.ShuffleDisk,
		Own:          n.Labels,
	}
}

// room is what the node has for slots outside of plans.
func (n *node) room() resource.Room {
	return resource.Room{Vector: n.Free, Slots: resource.MaxSlots - n.Held}
}

// offersAs says whether a node offers the same as another to the same workers.
func (n *Node) offersAs(other *Node) bool {
	return n.Zone == other.Zone && n.Capacity == other.Capacity && n.ShuffleDisk == other.ShuffleDisk &&
		n.Architecture == other.Architecture && n.Name == other.Name && slices.Equal(n.Labels, other.Labels) &&
		maps.Equal(n.Releases, other.Releases)
}

// SetNode adds a node, or changes it. Its Releases and Labels must not change afterwards.
func (c *Cluster) SetNode(n Node) {
	old := c.nodes[n.ID]
	if old != nil && old.offersAs(&n) {
		old.Node = n
		c.touch(old)
		return
	}
	c.RemoveNode(n.ID)
	joined := &node{Node: n}
	c.nodes[n.ID] = joined
	c.total = c.total.Add(n.Capacity)
	c.inZone[n.Zone]++
	c.members++
	c.touch(joined)
}

// RemoveNode takes a node out; it may be unknown. Slots on it stay, and are of no use.
func (c *Cluster) RemoveNode(id string) {
	n := c.nodes[id]
	if n == nil {
		return
	}
	for _, x := range n.indexes {
		x.lift(n)
		x.offer(n, -1)
		x.pool.count--
		x.pool.settle(x, c.bulk(x.free))
	}
	delete(c.nodes, id)
	c.total = c.total.Sub(n.Capacity)
	if c.inZone[n.Zone]--; c.inZone[n.Zone] == 0 {
		delete(c.inZone, n.Zone)
	}
	c.members++
}

// touch notes that a node's working amount may differ from what is free on it.
func (c *Cluster) touch(n *node) {
	if !n.touched {
		n.touched = true
		c.touched = append(c.touched, n)
	}
}

// place puts a node that is in no index into those of the classes that it serves.
func (c *Cluster) place(n *node) {
	n.placed = true
	n.zone = c.zoneOf(n.Zone)
	c.have(n, n.room())
	for _, p := range c.pools {
		if !p.serves(&n.Node) {
			continue
		}
		x := p.zones[n.zone]
		n.indexes = append(n.indexes, x)
		x.lay(n)
		x.offer(n, 1)
		p.count++
		p.settle(x, c.bulk(x.free))
	}
}

// move gives a node another working amount.
func (c *Cluster) move(n *node, room resource.Room) {
	if n.free == room {
		return
	}
	for _, x := range n.indexes {
		x.lift(n)
	}
	c.have(n, room)
	for _, x := range n.indexes {
		x.lay(n)
		x.pool.settle(x, c.bulk(x.free))
	}
}

// have sets the working amount of a node that is in no index.
func (c *Cluster) have(n *node, room resource.Room) {
	n.free = room
	n.bulk = c.bulk(room.Vector)
	n.lean = leanOf(room.Vector)
}

// take holds so many slots of an amount on a node, for the plan in the making.
func (c *Cluster) take(n *node, v resource.Vector, slots int64) {
	c.touch(n)
	c.move(n, n.free.Without(v, slots))
}
