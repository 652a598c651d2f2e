package simnode

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// Config says what a simulated node offers and does. Dir, Name, Zone, Servers, Connections and Script are needed.
type Config struct {
	// Dir is the data directory of its agent.
	Dir string
	// Name is the one that people know it by, and Zone its failure domain.
	Name, Zone string
	// Labels are its labels.
	Labels map[string]string
	// Servers are gRPC addresses, host:port, of at least one server.
	Servers []string
	// Connections are those over which it reaches servers.
	Connections *Connections

	// MilliCPU is what it offers in thousandths of a CPU; 0: 16 vCPU.
	MilliCPU int64
	// MemoryMiB is the memory that it offers; 0: 64 GiB.
	MemoryMiB int64
	// DiskMiB is the disk that it offers; 0: 400 GiB.
	DiskMiB int64
	// Releases are the labels of those that it holds.
	Releases []string

	// Script says what its workers do.
	Script Script
	// Prepare brings a release to the node for pre-initialised slots; its error says why the node cannot. Nil: it is
	// there at once.
	Prepare func(ctx context.Context, label string) error
	// IgnoresLease has its workers outlive its lease, which no honest node allows.
	IgnoresLease bool
	// Ledger notes what its workers do; nil: one of its own does.
	Ledger *Ledger
	// Logger gets what its agent says; nil: nobody does.
	Logger *slog.Logger
}

// agentConfig returns the configuration of the node's agent.
func (n *Node) agentConfig() agent.Config {
	c := agent.DefaultConfig()
	c.DataDir = n.config.Dir
	c.NodeName = n.config.Name
	c.Zone = n.config.Zone
	c.Labels = n.config.Labels
	c.Host = "127.0.0.1"
	c.Servers = n.config.Servers
	c.Dial = n.link.dial
	c.MilliCPU = cmp.Or(n.config.MilliCPU, 16_000)
	c.MemoryMiB = cmp.Or(n.config.MemoryMiB, 64<<10)
	c.DiskMiB = cmp.Or(n.config.DiskMiB, 400<<10)
	c.DiskFullPercent = 100
	c.LeaveLease = 0
	c.Releases = n.releases
	c.Runtime = n.hold()
	c.Sandbox = &sandbox.Config{}
	c.Version = "simulated"
	c.Logger = cmp.Or(n.config.Logger, slog.New(slog.DiscardHandler))
	return c
}
