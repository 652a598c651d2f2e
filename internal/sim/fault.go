package sim

import (
	"time"

	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// fault lets something go wrong.
func (w *world) fault() {
	if !w.faults {
		return
	}
	n := w.nodes[w.random.IntN(len(w.nodes))]
	switch luck := w.random.IntN(100); {
	case luck < 45:
		w.door.changeLeader(w.replicas[w.random.IntN(len(w.replicas))])
		w.checks.keptAcks(w.view())
	case luck < 55:
		w.replicas[w.random.IntN(len(w.replicas))].restart()
	case luck < 65:
		n.crash()
	case luck < 85:
		n.partition()
	case luck < 88:
		w.cutZone(n.zone)
	case luck < 94:
		n.restartAgent()
	case luck < 97:
		n.forget()
	default:
		w.serviceNode(n.id)
	}
}

// serviceNode does what an operator does to a node.
func (w *world) serviceNode(id string) {
	nobody := func(error) {}
	switch w.random.IntN(4) {
	case 0:
		w.execute((&command.CordonNode{IDOrName: id, Reason: "sim"}).Decide, nobody)
	case 1:
		w.execute((&command.CancelDrain{IDOrName: id}).Decide, nobody)
	default:
		within := w.between(0, 30*time.Second)
		w.execute((&command.DrainNode{IDOrName: id, Within: within, StopDrivers: w.chance(50)}).Decide, nobody)
	}
	w.after(w.between(time.Second, time.Minute), func() {
		w.execute((&command.UncordonNode{IDOrName: id}).Decide, nobody)
	})
}

// crash ends the machine with all that it runs; it comes back empty, perhaps with another size.
func (n *node) crash() {
	n.disconnect()
	for _, p := range n.processes {
		p.exit = &lostWithMachine
	}
	n.processes = nil
	n.slots = nil
	n.capacity = fullCapacity
	if n.world.chance(30) {
		n.capacity = resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 100 << 10}
	}
	n.world.after(n.world.between(time.Second, 40*time.Second), n.connect)
}

func (n *node) connect() { n.connected = true }

// partition cuts the node off for a while; its workers go on until its lease ends.
func (n *node) partition() {
	n.disconnect()
	n.world.after(n.world.between(100*time.Millisecond, 40*time.Second), n.connect)
}

func (w *world) cutZone(zone string) {
	for _, n := range w.nodes {
		if n.zone == zone {
			n.partition()
		}
	}
}

// restartAgent begins a new session; workers go on.
func (n *node) restartAgent() {
	n.disconnect()
	n.connect()
}

// forget removes a lost node, as somebody does who knows that the machine is gone.
func (n *node) forget() {
	if !n.connected && len(n.processes) == 0 {
		n.world.execute((&command.ForgetNode{IDOrName: n.id}).Decide, func(error) {})
	}
}
