// Package scheduler decides which workers go to which nodes. Plan is a pure function: it reads no clock, does no I/O,
// draws no random numbers, and depends on no order of a map; ties end at an id. It knows neither the log nor the wire,
// only amounts and names, so it can be read and tested alone.
//
// A leader does not describe everything anew for each plan. It keeps a Cluster, has it follow the state, and lets it
// plan. Plan of an Input and Cluster.Plan are the same code, and the same contents give the same plan, however they
// came about. Package placement follows a view of the state, and proposes the plan to the door. There every placement
// is checked again on the newest view, with the same resource.Vector.FitsIn.
//
// # Which application is next
//
// Higher priorities come first: those of an application's pools, of requests and of growth. Of equals, the next
// application is the one with the smallest share of the cluster. Its share is the largest part that it holds of any one
// resource, divided by its weight; it is counted again after each placement. Within an application and a priority,
// waiting requests come before growth, each oldest first. Requests come first because a run that waits has nothing,
// while a run that grows has at least its initial set. Growth has no natural end and could starve a request for ever; a
// request cannot starve growth.
//
// A request that finds no room blocks nobody: younger runs of the same application, and all other applications, may
// overtake it, until nodes are promised to it. A request that waits for its application's own limit is not overtaken:
// only runs of the same application could overtake it, and they would hold it back for ever.
//
// The account's quota stands over all applications. A request that does not fit in the quota now blocks nobody, like
// one that finds no room. An application's own limit counts first.
//
// # Slots first
//
// An application that starts or is started has pools: a number of pre-initialised slots for each role. Missing slots
// are reserved before the application's requests, as far as they fit. They are spread evenly over as many zones as the
// scarcest role has slots, so that every zone with executors has a driver beside them. Zones that hold some already
// come first, then those with the most room; if a zone has no room, the other zones take its part. One driver and three
// executors stand together; five and fifty stand as 2/2/1 and 17/17/16 in three zones. A slot whose node is not there,
// as that of a worker that goes on without a lease, is not missing: the application still holds it.
//
// A request takes free slots of its application that serve its sizes. Only what slots do not give takes new room on
// nodes, and counts against the limit and the quota. Zones in which slots give the most of the initial set come first.
// Growth takes slots first as well. A slot that this plan reserves is not ready, so no run of this plan uses it.
//
// The initial set is what the best zone could ever hold beside all of the application's slots, its own slots included.
// So an application whose limit is just its pools starts a run on the slots of one zone, and the run does not wait for
// the slots of other zones. If only another zone with slots is free, and its slots together with what the limits leave
// beside all pools are fewer than those of the best zone, then a run starts there with these: 16 where the best zone
// has 17. Slots count only if they serve, and not if their node refused to start the attempt.
//
// # Where
//
// What is said of the labels of nodes makes classes, as a release does: nodes that do not meet the constraints are in
// no index that is searched. Preferences give each demand tiers, of which each holds the nodes of those before it. A
// request tries every zone with the nodes of one tier before it tries any with those of the next, and workers go to
// the nodes of the first tiers first. Slots, and the zone and node to avoid, come before that. Workers that are spread
// over a label are divided evenly over its domains in the zone, as far as these have room, the one with the most room
// first; runs that are spread over zones begin in the one with the most room.
//
// A request is placed whole (driver and initial set) in one zone, or not at all. Slots decide first. Among the zones
// that can serve now, the one with the least room is taken then, so that a large request later still finds a zone. A
// zone or node of an earlier failure comes last, and is used only if no other can serve now. Growth stays in its run's
// zone and takes what it finds there.
//
// Within a zone a worker goes to the node whose free amounts lean as its own size does: they have as much memory for
// each vCPU, to a power of two. So nodes do not end with vCPU that no memory is left for, or the other way round. Nodes
// that lean otherwise come after those, the nearest first. Of nodes that lean alike the fullest comes first, by best
// fit: free amounts are compared by their bulk, the sum of CPU, memory and disk, each divided by what an average node
// has of it.
//
// The driver goes to the first node that holds it. The workers go to the rest of that node, whose loss ends the attempt
// anyway, if no other leans nearer to them, and then to further nodes, as many on each as fit. If that leaves workers
// over, the driver is tried on the node where it costs the fewest workers. That is exact: if any arrangement in the
// zone exists, one is found.
//
// # Promises
//
// A request that waits for room is overtaken, so that machines stay busy. When it has waited for a while, nodes of one
// zone are promised to it: where it fits soonest if all that runs there runs as long as it may. Of a promised node the
// smaller of what is free and what is promised is kept from all that follow in the order of work, so it only grows.
// The one that has the promise is served first of its priority, so higher ones are not held up. What surely ends before
// the promise is due may use what is kept: a plan looks at it once more at its end.
//
// A zone has one promise at most; a higher priority takes it from a lower one. A plan is told of the promises of the
// last one, and says which it keeps and makes. It does not know the time but by its input.
//
// # Evictions
//
// A request that finds no room may have that of occupants which yield to its priority, if it then fits in a zone whole:
// in the zone where the fewest have to go, those that yield to the lowest priority first. The nodes are promised to it.
// Who yields to whom is not decided here.
//
// # Cost
//
// A plan costs what it places, and one search for each line of what it does not. A line is the requests, or the growth,
// of one application that differ in nothing but their age. Room only shrinks while a plan is made, limits only fill up,
// and a search is exact, so once the oldest of a line finds no place, no younger one does. They are not looked at: the
// answer to the oldest is the answer to all. It holds to the end of the plan, also if what the plan places afterwards
// would have given a younger one another reason to wait.
//
// Rules about labels make classes of their own, and each costs a look at every node. A plan looks at those of so many
// rules as make 48 classes; if more are asked for, applications and their rules take turns by the second.
//
// Nodes are filtered once per class of needs, and kept by lean and bulk of what is free in trees that know the largest
// amounts below each branch, so a search leaves out what cannot serve. Workers are placed once per node, not one by
// one. What an empty zone could hold is counted once for each kind of machine, and kept until machines come or go. A
// size that found no room is not searched for again in the same plan.
//
// # Files
//
//	plan.go       Plan, and the order of its work; input.go: what it is asked; output.go: what it answers
//	cluster.go    what plans depend on, kept from one to the next; contents.go: the same as an Input
//	node.go       the nodes in it; class.go: those that serve a class of needs, by zone
//	index.go      those of one zone, by what is free; lean.go: those that lean alike; tree.go, tree_change.go: these in
//	              order
//	rules.go      which rules about labels have their turn in a plan
//	domain.go     the same by the label over which workers are spread
//	owner.go      the applications in it; line.go: what they ask for; slot.go, stock.go: the slots that they have
//	queue.go      which application is next, and which of its lines
//	request.go    a driver and its initial set; option.go: the zones for it, best first; fit.go: room in one zone
//	promise.go    nodes that are kept for who waits long; look.go: who is promised some, and where
//	empty.go      when a zone has room, if things go from it; backfill.go: who may use kept room meanwhile
//	evict.go      what has to yield to a higher priority
//	growth.go     more workers of a running attempt
//	pool.go       missing slots, reserved; spread.go: over which zones
//	shape.go      what requests of the same sizes and needs share; extent.go: what an empty zone could hold of it
//	allowance.go  how many more workers the limits allow
//	verdict.go    why a line waits; wait.go: reasons, in words; room.go: those about room; unmet.go: those about labels
package scheduler
