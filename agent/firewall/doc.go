// Package firewall keeps workers from what their programs have no business with on the network: the servers' own ports,
// and ports of workers of other attempts on the same node.
//
// Workers use the node's own network, because drivers and executors reach each other at their nodes' addresses. The
// sender of a packet is known by its user, and the receiver by its control group: the kernel knows the user on the
// packet's way out, and the group on its way in. So there is a table of nftables, headrace-<first user>, for the range
// of users that this agent has:
//
//	chain output   a packet of a worker to a server's port is refused; of a server on this machine, at each of its
//	               addresses
//	               a packet of a worker that stays on this machine is marked with the worker's group of peers
//	chain input    a packet with such a mark, to a socket of a worker that is not in that group of peers, is refused
//
// The servers' ports are those at the addresses that servers say they have, and that the agent's configuration names
// (Guard). Packets of the agent, of people and of other machines carry no mark and are not refused: there Spark's own
// authentication holds, and a program without one is open to them.
//
// The table outlives the agent, as workers do, and is replaced by the next one. The agent puts it back when somebody
// flushed it (Restore). The agent talks to the kernel itself and executes no program for that. The table needs
// nftables; the second and third rule also need control groups of version 2, alone or beside version 1, and Linux 5.13.
// What is missing, the agent tells as a gap.
//
//	firewall.go  the rules of one agent: opened, changed, put back, removed
//	rules.go     the table, its chains and its sets
//	match.go     what a rule looks at in a packet
//	guard.go     the addresses of servers
package firewall
