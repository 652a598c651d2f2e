// Package attack has attacks, each of which fails: hostile clients, machines and programs against real servers and
// agents. A test shows that the attack has no effect, not only that it is answered with an error. docs/security.md says
// what is promised; each attack here was possible once, or is of the kind of one that was.
//
// The prefix of a file says who attacks, and what has to hold:
//
//	node_     a machine with an agent's certificate of its own says that it is another one, reports of others'
//	          workers, forges and reads others' logs, uses others' tickets, floods: a certificate is a node
//	          (server/command/node_identity.go, server/dispatch)
//	server_   a client or a node sends what is to stop a server, the next leader, or a node: numbers without range,
//	          decisions that panic, too much for one record or one message, half requests: caught panics, steps,
//	          parts, places (internal/caught, server/command/step.go, server/dispatch/parts.go, internal/inflight)
//	who_      a user is somebody else, reads what is another's, adds a release, or writes what acts on a terminal:
//	          callers and what is private (server/caller, server/control/privacy, server/control/routing/allowed.go,
//	          internal/printable)
//	worker_   a program attacks its node and its neighbours: root_ by what the agent does for a run (agent/guest,
//	          errands, internal/storage), neighbour_ from within its sandbox (agent/runtime, agent/runtime/sandbox,
//	          agent/firewall, the disk's limit)
//
// Each prefix has a world, in PREFIX_world_test.go, with honest parties that must not notice the attack:
//
//   - nodeWorld, serverWorld and whoWorld are clusters of package testcluster, whose servers are processes of the
//     binary, with simulated nodes. A hostile node is a bare connection that says what a test wants. unmoved compares
//     all that people see before and after, with the number of the newest record; others holds that a run of somebody
//     else succeeds and that no server caught a panic.
//   - workerWorld is a machine: a server and an agent, as processes with data and certificates of their own, and the
//     users eve and bob. It needs root and crun, and some attacks the release that make fetch brings; without them a
//     test is skipped, and says what is missing. Programs of eve have to come to their end: an attack that was not
//     even made would look like one that failed.
//
// Where root runs it, each test runs again in a network namespace of its own (apart, inNetwork), so that it has all
// ports and a firewall to itself. Only the decision with a bug, which no binary has, is made inside a test.
package attack
