package scheduler

// Output is the plan: what the scheduler proposes, and why everything else waits.
type Output struct {
	Reservations []Reservation // in the order in which they were decided
	Placements   []Placement   // in the order in which they were decided
	Evictions    []Eviction    // in the order in which they were decided, one in a zone at most
	Promises     []Promise     // by zone; the next plan is told of them
	Waits        []Wait        // what was not placed whole, in the order in which it was decided
}

// Reservation gives missing pre-initialised slots of an application their nodes.
type Reservation struct {
	Application string
	Role        Role
	Shares      []Share // by node id
}

// Placement gives workers of one attempt their nodes.
type Placement struct {
	Run        string
	Attempt    uint32
	Zone       string
	Driver     string   // the driver's node; empty when the attempt already runs
	DriverSlot string   // the pre-initialised slot there that the driver is given; empty: a new one
	Slots      []string // pre-initialised slots that other workers are given, in order
	Shares     []Share  // where the workers go that get new slots, by node id
}

// Share is a number of identical workers on one node.
type Share struct {
	Node  string
	Count uint32
}

// WaitKind says what an attempt waits for.
type WaitKind string

// The kinds of wait.
const (
	// WaitNoNodes: no node holds a lease.
	WaitNoNodes WaitKind = "NO_NODES"
	// WaitRelease: no node holds the release, and the servers' cache does not either.
	WaitRelease WaitKind = "RELEASE_NOT_HELD"
	// WaitArchitecture: no node has the architecture or the class of disk, or all nodes that have it refused.
	WaitArchitecture WaitKind = "NO_SUCH_NODE"
	// WaitApplicationLimit: the application holds its maximum capacity.
	WaitApplicationLimit WaitKind = "APPLICATION_LIMIT"
	// WaitAccountQuota: all applications together hold the account's quota.
	WaitAccountQuota WaitKind = "ACCOUNT_QUOTA"
	// WaitNoRoom: no zone has room for the whole initial set now.
	WaitNoRoom WaitKind = "NO_ROOM"
	// WaitTooLarge: no empty zone, or not even the whole limit, holds the driver and the minimum of workers.
	WaitTooLarge WaitKind = "TOO_LARGE"
	// WaitNextPlan: the plan was full; the next one goes on with it.
	WaitNextPlan WaitKind = "NEXT_PLAN"
)

// Wait says why an attempt was not placed, or only a part of it. Without a run it says why slots of an application's
// pools are missing.
type Wait struct {
	Run         string
	Application string
	Attempt     uint32
	Kind        WaitKind
	Message     string // for people, with numbers
}
