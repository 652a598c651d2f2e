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
	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// describe returns what the node says of itself in every session, without what changes: releases and inventory.
func describe(c Config) (*agentv1.Register, error) {
	id, err := nodeID(c.DataDir)
	if err != nil {
		return nil, err
	}
	bootID, err := runtime.BootID()
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot read the machine's boot id: %w", err)
	}
	node := &agentv1.Register{
		NodeId: id, Name: c.NodeName, Zone: c.Zone, MilliCpu: c.MilliCPU, MemoryMib: c.MemoryMiB, DiskMib: c.DiskMiB,
		ShuffleOptimizedDisk: c.ShuffleDir != "", Architecture: architecture(), Host: c.Host, AgentVersion: c.Version, BootId: bootID,
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
		node.MilliCpu = int64(stdruntime.NumCPU()) * 1000
	}
	if node.GetMemoryMib() == 0 {
		total, err := memoryMiB()
		if err != nil {
			return errs.New(errs.Internal, "cannot measure the machine's memory, set it: %w", err)
		}
		node.MemoryMib = total
	}
	if node.GetDiskMib() == 0 {
		free, err := freeOn(disks)
		if err != nil {
			return err
		}
		node.DiskMib = free
	}
	return nil
}

// freeOn returns what is free, in MiB, on the disk of which that is the least: workers are placed by one number, whichever disk they need.
func freeOn(dirs []string) (mib int64, err error) {
	for i, dir := range dirs {
		disk, err := statDisk(dir)
		if err != nil {
			return 0, errs.New(errs.Internal, "cannot measure the disk of %s, set its size: %w", dir, err)
		}
		if i == 0 || disk.freeMiB < mib {
			mib = disk.freeMiB
		}
	}
	return mib, nil
}

// hostName returns the machine's name as one of a node.
func hostName() (string, error) {
	name, err := os.Hostname()
	if err != nil {
		return "", errs.New(errs.Internal, "cannot find the machine's name, set node_name: %w", err)
	}
	if name = strings.ToLower(name); !ident.ValidNodeName(name) {
		return "", errs.Field("node_name", "cannot be the host's name, %.80q: a node's name is %s; set one", name, ident.NodeNameRule)
	}
	return name, nil
}

// nodeID returns the node's id, which is made once.
func nodeID(dataDir string) (string, error) {
	path := filepath.Join(dataDir, "node.json")
	var node struct {
		ID string `json:"id"`
	}
	found, err := loadJSON(path, &node)
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
	return node.ID, storeJSON(path, node)
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

// disk is how full the disk of a directory is.
type disk struct {
	freeMiB     int64
	usedPercent int64 // of what programs that are not root's may use
}

func statDisk(dir string) (disk, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return disk{}, err
	}
	used := stat.Blocks - stat.Bfree
	return disk{
		freeMiB:     int64(stat.Bavail) * stat.Bsize >> 20,
		usedPercent: int64(100 * used / max(used+stat.Bavail, 1)),
	}, nil
}
