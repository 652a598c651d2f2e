package agent

import (
	"bufio"
	"crypto/rand"
	"os"
	"path/filepath"
	stdruntime "runtime"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/headrace/headrace/agent/disk"
	"github.com/headrace/headrace/agent/durable"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// describe returns what the node says of itself in every session, without what changes (releases and inventory), and
// what its runtime knows.
func describe(c Config) (*agentv1.Register, error) {
	id, err := nodeID(c.DataDir)
	if err != nil {
		return nil, err
	}
	node := &agentv1.Register{
		NodeId:               id,
		Name:                 c.NodeName,
		Zone:                 c.Zone,
		MilliCpu:             c.MilliCPU,
		MemoryMib:            c.MemoryMiB,
		DiskMib:              c.DiskMiB,
		ShuffleOptimizedDisk: c.ShuffleDir != "",
		Architecture:         architecture(),
		Host:                 c.Host,
		AgentVersion:         c.Version,
		Labels:               c.Labels,
	}
	return node, measure(node, c.disks())
}

// measure fills in what the configuration leaves to the machine.
func measure(node *agentv1.Register, disks []string) error {
	if node.GetName() == "" {
		name, err := hostName()
		if err != nil {
			return err
		}
		node.Name = name
	}
	if node.GetMilliCpu() == 0 {
		node.MilliCpu = runtime.MachineMilliCPU()
	}
	if node.GetMemoryMib() == 0 {
		total, err := memoryMiB()
		if err != nil {
			return errs.New(errs.Internal, "cannot measure the machine's memory, set it: %w", err)
		}
		node.MemoryMib = total
	}
	if node.GetDiskMib() == 0 {
		free, err := disk.Free(disks)
		if err != nil {
			return err
		}
		node.DiskMib = free
	}
	return nil
}

// hostName returns the machine's name as one of a node.
func hostName() (string, error) {
	name, err := os.Hostname()
	if err != nil {
		return "", errs.New(errs.Internal, "cannot find the machine's name, set node_name: %w", err)
	}
	if name = strings.ToLower(name); !ident.ValidNodeName(name) {
		return "", errs.Field("node_name",
			"cannot be the host's name, %.80q: a node's name is %s; set one", name, ident.NodeNameRule)
	}
	return name, nil
}

// nodeID returns the node's id, which is made once.
func nodeID(dataDir string) (string, error) {
	path := filepath.Join(dataDir, "node.json")
	var node struct {
		ID string `json:"id"`
	}
	found, err := durable.Load(path, &node)
	if err != nil {
		return "", errs.New(errs.Internal, "cannot read the node's id from %s: %w", path, err)
	}
	if found {
		return node.ID, nil
	}
	made, err := ulid.New(ulid.Now(), rand.Reader)
	if err != nil {
		return "", errs.New(errs.Internal, "cannot make an id for the node: %w", err)
	}
	node.ID = strings.ToLower(made.String())
	return node.ID, durable.Store(path, node)
}

// architecture returns the API's name of what this machine runs.
func architecture() string {
	if stdruntime.GOARCH == "arm64" {
		return "ARM64"
	}
	return "X86_64"
}

// memoryMiB returns all memory of the machine.
func memoryMiB() (int64, error) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "MemTotal:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			return kib / 1024, err
		}
	}
	return 0, errs.New(errs.Internal, "/proc/meminfo has no MemTotal")
}
