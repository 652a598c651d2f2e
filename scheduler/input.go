package scheduler

import (
	"slices"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// Input is everything that a plan depends on. Slices may be in any order; ids are unique in each of them.
type Input struct {
	Nodes        []Node
	Applications []Application // the owners of everything below; one that is missing has weight 1 and no limit
	Waiting      []Request
	Growing      []Growth
	Slots        []Slot // all pre-initialised slots of the applications
	Promises     []Promise
	// Occupants returns what is on a node, in any order. It is asked when something is to be promised. It must return
	// the same whenever it is asked for the same plan; nil: nothing is promised.
	Occupants func(node string) []Occupant
	Bounds
}

// Occupant is a worker in a slot of its own on a node, or a free slot of an application.
type Occupant struct {
	ID     string
	Size   resource.Vector
	Ends   int64  // when it has surely ended; 0: that is not known
	Yields uint32 // it goes at once if a request of at least this priority needs its room; 0: it stays
}

// Node is a node that holds a lease and takes new work.
type Node struct {
	ID, Zone     string
	Name         string
	Capacity     resource.Vector // what it offers
	Free         resource.Vector // what no slot holds; a part is negative when the node offers less than it did
	Held         int64           // slots on it; a node holds at most resource.MaxSlots, however small they are
	ShuffleDisk  bool            // it has shuffle-optimised disk
	Architecture string
	Releases     map[string]bool // labels that it holds
	Labels       label.Labels    // that its agent gives it
}

// Application is the owner of requests. Its share of the cluster decides when its requests are served.
type Application struct {
	ID     string
	Weight int64           // at least 1; less counts as 1
	Used   resource.Vector // what its slots hold
	Limit  resource.Vector // its maximum capacity; a zero part has no limit
	Pools  []Pool          // the pre-initialised slots that it is to have; one entry per role

	Priority uint32 // of its pools
}

// Role is the part that a worker plays, such as driver or executor. The planner only compares roles.
type Role int32

// Pool says which pre-initialised slots of one role an application is to have while it starts or is started. Missing
// slots are reserved, spread over the zones.
type Pool struct {
	Role  Role
	Size  resource.Size
	Count uint32
	Needs Needs // of the nodes that hold them; Avoid: nodes that could not prepare one lately
}

// Slot is a pre-initialised slot that an application holds.
type Slot struct {
	ID, Application, Node string
	Role                  Role
	Size                  resource.Size
	Free                  bool // ready, and no worker is in it
}

// Needs is what the workers of a run ask of a node, beside room and the class of disk that is in their size.
type Needs struct {
	Release       string       // label; empty: none
	ReleaseCached bool         // every node can fetch it from the servers
	Architecture  string       // empty: any
	Avoid         []string     // ids of nodes that refused to start it: never used
	Nodes         *label.Rules // what is said of their labels; nil: nothing
}

// lets says whether workers may use a slot on a node: it has not refused, and meets the constraints.
func (n *Needs) lets(on *node) bool {
	return !slices.Contains(n.Avoid, on.ID) && n.Nodes.Where().Holds(on.labelled())
}

// Request is an attempt that waits for its driver and its initial set of workers, which are placed together in one
// zone.
type Request struct {
	Run, Application string
	Attempt          uint32
	Priority         uint32 // more is served first
	Submitted        int64  // order within application and priority: oldest first, then by id
	Since            int64  // when it began to wait for room, as in Bounds.Now; 0: nothing is promised to it
	Longest          int64  // nanoseconds from its placement on after which it has surely ended; 0: never
	Driver, Worker   resource.Size
	DriverRole       Role
	WorkerRole       Role
	Initial          uint32 // workers wanted beside the driver; fewer if limit or zone can never hold so many
	Minimum          uint32 // workers without which it cannot start
	AvoidZone        string // avoided while another zone can serve
	AvoidNode        string // avoided while another node of the zone can serve
	Needs            Needs
}

// Growth asks for more workers of a running attempt, in its zone. Any number of them may be placed.
type Growth struct {
	Run, Application string
	Attempt          uint32
	Priority         uint32 // more is served first
	Submitted        int64
	Ends             int64 // when the run has surely ended, as in Bounds.Now; 0: that is not known
	Zone             string
	Worker           resource.Size
	WorkerRole       Role
	Count            uint32 // as many as pacing allows now
	Needs            Needs
}
