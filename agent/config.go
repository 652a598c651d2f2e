package agent

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/agent/slots"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/storage"
)

// Config is what an agent needs. Begin with DefaultConfig.
type Config struct {
	// DataDir holds the node's id, the workers' directories and the lease, on the disk that workers may fill.
	DataDir string
	// NodeName is the name that people know the node by, in lower case; with TLS that of its certificate. Empty: its
	// host's name.
	NodeName string
	// Zone is the node's failure domain.
	Zone string
	// Labels are the node's labels, which constraints of applications are about.
	Labels map[string]string
	// Host is the address at which workers on other nodes reach this node's workers.
	Host string
	// Servers are gRPC addresses, host:port, of at least one server; the agent learns the others.
	Servers []string
	// ReleaseDirs are directories of releases; the first is the node's own cache.
	ReleaseDirs []string
	// Releases brings releases to the node for pre-initialised slots, and has to be the one that the engines use; nil:
	// one of the agent's own, which reads and writes ReleaseDirs.
	Releases slots.Releases

	// MilliCPU are the thousandths of a CPU that the node offers; 0: all that the machine has.
	MilliCPU int64
	// MemoryMiB is the memory that the node offers; 0: what the machine has.
	MemoryMiB int64
	// DiskMiB is the disk that the node offers; 0: what is free below DataDir when the agent is made; set it on nodes
	// whose agent is restarted while workers use the disk.
	DiskMiB int64
	// ShuffleDir is a directory on a fast disk, for workers of the disk type SHUFFLE_OPTIMIZED; empty: the node has
	// none.
	ShuffleDir string

	// Credentials secure connections to servers; nil: plain.
	Credentials credentials.TransportCredentials
	// DialOptions are added to every connection; a context dialer among them replaces the agent's own.
	DialOptions []grpc.DialOption
	// Dial connects a node to a server; nil: over a connection of its own, secured as said above. Simulated nodes,
	// which share connections, bring their own.
	Dial func(address, nodeID string) (servers.Connection, error)

	// ObjectStore is how s3:// is reached.
	ObjectStore storage.Config
	// ShipEvery is how often logs are taken to where they are kept; 0: every few seconds.
	ShipEvery time.Duration
	// Warm starts and rehearses a process in every pre-initialised slot of an engine that is a Warmer.
	Warm bool

	// Runtime holds the workers, and is closed by Run; nil: the agent makes one for this machine, by the fields from
	// here down to Executable. With a Runtime that is handed in, such as agent/runtime/memory, the node says that it
	// isolates workers if Sandbox is set.
	Runtime Runtime
	// Sandbox is what the sandboxes of workers have in common; nil: workers are not isolated. Needs an agent that is
	// root.
	Sandbox *sandbox.Config
	// NotIsolated is why workers are not isolated, for people; empty if they are.
	NotIsolated string
	// WorkerUsers are the users that workers run as, each worker as one of its own; none: all run as WorkerUser. Needs
	// an agent that is root.
	WorkerUsers runtime.Users
	// WorkerUser is the user that all workers run as; nil: the agent's own user. Needs an agent that is root.
	WorkerUser *guest.User
	// WorkerGroup is the group of all workers that have users of their own; 0: each has one of its own.
	WorkerGroup uint32
	// Cgroup is the group below which each worker gets its own, with limits; empty: no limits.
	Cgroup string
	// Executable is the binary that holds workers when it is called with "shim"; empty: this one.
	Executable string
	// RefusedMeansLeaderless counts a refused connection as the answer of a server that knows no leader: the host is
	// there and no server runs.
	RefusedMeansLeaderless bool
	// StopWorkers stops all workers when Run's context ends, instead of leaving them to the next Run.
	StopWorkers bool
	// LeaveLease is the lease that is asked for when Run's context ends and workers stay; 0: none.
	LeaveLease time.Duration
	// DiskFullPercent of use of DataDir's disk is where the node refuses to start workers.
	DiskFullPercent int64

	// Version is told to servers.
	Version string
	// Begun is called once the agent has the data directory and knows what an earlier agent left; nil: nothing is
	// called. Its context ends with the agent, which waits until it returns.
	Begun func(context.Context)
	// Logger takes the agent's messages; nil: the default logger.
	Logger *slog.Logger
}

// DefaultConfig returns a configuration that lacks DataDir, Zone, Host and Servers.
func DefaultConfig() Config {
	return Config{
		Cgroup:                 "headrace",
		RefusedMeansLeaderless: true,
		LeaveLease:             time.Minute,
		DiskFullPercent:        95,
	}
}

// disks returns the directories on whose disks homes of workers are.
func (c Config) disks() []string {
	if c.ShuffleDir == "" {
		return []string{c.DataDir}
	}
	return []string{c.DataDir, c.ShuffleDir}
}

// ownReleases returns the directory of releases that is the node's own cache; empty: there is none.
func (c Config) ownReleases() string {
	if len(c.ReleaseDirs) == 0 {
		return ""
	}
	return c.ReleaseDirs[0]
}

// access says how far file:// URIs of users reach: as far as their workers do.
func (c Config) access(user *guest.User) storage.Access {
	access := storage.Access{Below: []string{"/"}, Do: user.Do}
	if c.Sandbox != nil {
		access.Below = c.Sandbox.Shared
	}
	return access
}

// Validate returns an Invalid error that names the first field that is wrong.
func (c Config) Validate() error {
	switch {
	case c.DataDir == "":
		return errs.Field("data_dir", "cannot run an agent without a data directory")
	case c.NodeName != "" && !ident.ValidNodeName(c.NodeName):
		return errs.Field("node_name", "cannot be %.80q: a node's name is %s", c.NodeName, ident.NodeNameRule)
	case c.Zone == "":
		return errs.Field("zone", "cannot run an agent without a zone; any name serves in a cluster with one")
	case label.Check(c.Labels) != "":
		return errs.Field("labels", "%s", label.Check(c.Labels))
	case c.Host == "":
		return errs.Field("host", "cannot run an agent without the address at which its workers are reached")
	case len(c.Servers) == 0:
		return errs.Field("servers", "cannot run an agent without the address of a server")
	case c.MilliCPU < 0 || c.MemoryMiB < 0 || c.DiskMiB < 0:
		return errs.Field("capacity",
			"cannot offer %d thousandths of a CPU, %d MiB of memory and %d MiB of disk: less than nothing",
			c.MilliCPU, c.MemoryMiB, c.DiskMiB)
	case c.DiskFullPercent < 1 || c.DiskFullPercent > 100:
		return errs.Field("disk_full_percent", "cannot be %d: 1 to 100", c.DiskFullPercent)
	}
	return nil
}
