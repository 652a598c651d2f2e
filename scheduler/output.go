package scheduler

// Output is the plan: what the scheduler proposes, and why the rest waits.
type Output struct {
	Placements []Placement // in the order in which they were decided
	Waits      []Wait      // everything that was not placed whole, in the order of its turn
}

// Placement gives workers of one attempt their nodes.
type Placement struct {
	Run     string
	Attempt uint32
	Zone    string
	Driver  string  // the driver's node; empty when the attempt already runs
	Shares  []Share // where the other workers go, by node id
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
	WaitNoRoom           WaitKind = "NO_ROOM"           // no zone has room for the whole initial set now
	WaitTooLarge         WaitKind = "TOO_LARGE"         // no empty zone, or not even the whole limit, holds driver and minimum
	WaitTurn             WaitKind = "TURN"              // the plan was full: its turn comes with the next one
)

// Wait says why an attempt was not placed, or not wholly.
type Wait struct {
	Run         string
	Application string
	Attempt     uint32
	Kind        WaitKind
	Message     string // for people, with numbers
}
