package dispatch

import (
	"regexp"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

var (
	namePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	labelPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// maxJava bounds the versions of Java that a node may name.
const maxJava = 16

// maxPython bounds the version of a node's Python.
const maxPython = 32

// maxInventory bounds the workers that a node may name.
const maxInventory = 4096

// registration checks an agent's first message and turns it into a command.
func registration(r *agentv1.Register) (*command.RegisterNode, error) {
	switch {
	case !ident.Valid(r.GetNodeId()):
		return nil, errs.Field("node_id", "%q is not an id of %d lower-case letters and digits", r.GetNodeId(), ident.Length)
	case !namePattern.MatchString(r.GetName()):
		return nil, errs.Field("name", "%q is not a name: 1 to 63 letters, digits, dots, dashes and underscores", r.GetName())
	case !namePattern.MatchString(r.GetZone()):
		return nil, errs.Field("zone", "%q is not a zone: 1 to 63 letters, digits, dots, dashes and underscores", r.GetZone())
	case r.GetMilliCpu() <= 0 || r.GetMemoryMib() <= 0 || r.GetDiskMib() <= 0:
		return nil, errs.Field("milli_cpu", "a node offers some of every resource, not %d milli-vCPU, %d MiB of memory and %d MiB of disk",
			r.GetMilliCpu(), r.GetMemoryMib(), r.GetDiskMib())
	case r.GetHost() == "":
		return nil, errs.Field("host", "a node says at which address its workers are reached")
	case len(r.GetJavaVersions()) > maxJava:
		return nil, errs.Field("java_versions", "a node names at most %d versions of Java, not %d", maxJava, len(r.GetJavaVersions()))
	case len(r.GetPythonVersion()) > maxPython:
		return nil, errs.Field("python_version", "a version of Python has at most %d characters, not %d", maxPython, len(r.GetPythonVersion()))
	case len(r.GetInventory()) > maxInventory:
		return nil, errs.Field("inventory", "a node has at most %d workers, not %d", maxInventory, len(r.GetInventory()))
	}
	if err := checkPrintable(r); err != nil {
		return nil, err
	}
	return &command.RegisterNode{Node: nodeOf(r), Inventory: statusesOf(r.GetInventory())}, nil
}

// checkPrintable holds that what people are shown of a node does nothing to their terminals.
func checkPrintable(r *agentv1.Register) error {
	for _, said := range []struct{ field, text string }{{"host", r.GetHost()}, {"agent_version", r.GetAgentVersion()}, {"boot_id", r.GetBootId()},
		{"architecture", r.GetArchitecture()}, {"python_version", r.GetPythonVersion()}} {
		if problem := printable.Check(said.text); problem != "" {
			return errs.Field(said.field, "%s", problem)
		}
	}
	return checkLabels("releases", r.GetReleases())
}

// checkLabels holds that what a node calls a release can be one's label.
func checkLabels(field string, labels []string) error {
	for _, label := range labels {
		if !labelPattern.MatchString(label) {
			return errs.Field(field, "%.80q is not the label of a release: 1 to 64 letters, digits, dots, dashes and underscores", label)
		}
	}
	return nil
}

func nodeOf(r *agentv1.Register) state.Node {
	return state.Node{ID: r.GetNodeId(), Name: r.GetName(), Zone: r.GetZone(), ShuffleDisk: r.GetShuffleOptimizedDisk(), Architecture: r.GetArchitecture(),
		Capacity: resource.Vector{MilliCPU: r.GetMilliCpu(), MemoryMiB: r.GetMemoryMib(), DiskMiB: r.GetDiskMib()},
		Host:     r.GetHost(), AgentVersion: r.GetAgentVersion(), BootID: r.GetBootId(), Releases: r.GetReleases(),
		Java: r.GetJavaVersions(), Python: r.GetPythonVersion()}
}
