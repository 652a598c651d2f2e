// Package scheduler decides which workers go to which nodes. Plan is a pure function: no clock, no I/O, no randomness, and no
// order of a map ever decides; ties end at an id. It knows neither the log nor the wire, only amounts and names, so it can be
// read and tested alone. Package placement builds its Input from a view of the state and proposes the plan to the door, where
// every placement is checked again against the newest view with the same resource.Vector.FitsIn.
//
// # Whose turn
//
// The next to be served is the application with the smallest share of the cluster: the largest part that it holds of any one
// resource, divided by its weight, counted anew after each placement. Within an application waiting requests come before
// growth, each oldest first. Requests first, because a run that waits has nothing and a run that grows has at least its
// initial set: growth has no natural end and could starve a request for ever, and never the other way round.
//
// A request that finds no room blocks nobody: younger runs of the same application, and all other applications, may overtake
// it. That keeps machines busy and has a price: nothing is set aside for a large request, so a steady stream of small ones
// can keep it waiting. A request that waits for its application's own limit is not overtaken: only runs of the same
// application could, and they would hold it back for ever.
//
// The account's quota stands over all applications. A request that does not fit in it now blocks nobody, like one that finds no
// room; an application's own limit still counts first.
//
// # Slots first
//
// An application that starts or is started has pools: so many pre-initialised slots of a role. Those that are missing are its
// first wish, before its requests, and are reserved as far as they fit. They are spread over as many zones as the scarcest role
// has slots, so that every zone with executors has a driver beside them, evenly, first in zones that hold some already, then in
// those with the most room; a zone without room leaves its part to the others. One driver and three executors stand together;
// five and fifty stand as 2/2/1 and 17/17/16 in three zones. A slot whose node is not there, as that of a worker that goes on
// without a lease, is not missing: the application still holds it.
//
// A request takes free slots of its application that serve its sizes, and only what they do not give is new: room on nodes, and
// use of the limit and the quota. Zones in which slots give the most of the initial set come first. Growth takes slots first as
// well. A slot that this plan reserves is not ready, so no run of this plan uses it.
//
// The initial set is what the best zone could ever hold, its slots included, with all of the application's slots standing: an
// application whose limit is just its pools starts a run on the slots of one zone, and the run does not wait for slots that other
// zones have. Another zone with slots may be all that is free, and its slots, with what the limits leave beside all pools, fewer than
// the best zone's: then a run starts there with these, 16 where the best zone has 17. Slots count only if they serve, and not on
// nodes that refused to start the attempt.
//
// # Where
//
// A request is placed whole (driver and initial set) in one zone, or not at all. Among the zones that can serve now, after slots,
// the one with the least room is taken, so that a large request later still finds a zone; a zone or node of an earlier failure comes
// last, and is used only when no other can serve now. Growth stays in its run's zone and takes what it finds there.
//
// Within a zone nodes are packed by best fit. Free amounts are compared by their bulk: the sum of CPU, memory and disk, each
// divided by what an average node has of it. The driver goes to the node with the smallest bulk that holds it, workers to the
// rest of that node (its loss ends the attempt anyway) and then to further nodes by rising bulk, as many on each as fit. If
// that leaves workers over, the driver is tried where it costs the fewest workers, which is exact: if any arrangement in the
// zone exists, one is found.
//
// # Cost
//
// Nodes are filtered once per class of needs and kept ordered by bulk in blocks that know the largest free amount in them, so a
// search skips what cannot serve. Workers are placed once per node, not one by one. Sizes that found no room once are not
// searched again in the same plan, since room only shrinks while a plan is made.
package scheduler
