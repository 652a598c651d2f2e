package scheduler

// Output is the plan: what the scheduler proposes, and why the rest waits.
type Output struct {
	Reservations []Reservation // in the order in which they were decided
	Placements   []Placement   // in the order in which they were decided
	Waits        []Wait        // everything that was not placed whole, in the order of its turn
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
	WaitNoNodes          WaitKind = "NO_NODES"          // no node holds a lease
	WaitRelease          WaitKind = "RELEASE_NOT_HELD"  // no node holds the release, and the servers' cache does not either
	WaitArchitecture     WaitKind = "NO_SUCH_NODE"      // no node has the architecture or the class of disk, or all that do refused
	WaitApplicationLimit WaitKind = "APPLICATION_LIMIT" // the application's maximum capacity is held
	WaitAccountQuota     WaitKind = "ACCOUNT_QUOTA"     // the account's quota is held
	WaitNoRoom           WaitKind = "NO_ROOM"           // no zone has room for the whole initial set now
	WaitTooLarge         WaitKind = "TOO_LARGE"         // no empty zone, or not even the whole limit, holds driver and minimum
	WaitTurn             WaitKind = "TURN"              // the plan was full: its turn comes with the next one
)

// Wait says why an attempt was not placed, or not wholly; without a run, why slots of an application's pool are missing.
type Wait struct {
	Run         string
	Application string
	Attempt     uint32
	Kind        WaitKind
	Message     string // for people, with numbers
}
