package dispatch

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// The bounds of what a node says of itself: counts, and bytes of each text. All of it goes into the log.
const (
	maxJava      = 16  // versions of Java
	maxPython    = 32  // the version of its Python
	maxHost      = 253 // a name of the DNS
	maxWord      = 64  // architecture, version of the agent, boot id, label of a release
	maxReleases  = 256
	maxTrouble   = 512
	maxJavaMajor = 1000
)

// mostOffered is what a node may offer of each resource: a thousand times the largest machines, and few enough that sums over all
// nodes, and their use over years, are numbers still.
var mostOffered = resource.Vector{MilliCPU: 1 << 30, MemoryMiB: 1 << 34, DiskMiB: 1 << 36}

// registration checks an agent's first message and turns it into a command.
func registration(r *agentv1.Register) (*command.RegisterNode, error) {
	switch {
	case !ident.Valid(r.GetNodeId()):
		return nil, errs.Field("node_id", "%q is not an id of %d lower-case letters and digits", r.GetNodeId(), ident.Length)
	case !namePattern.MatchString(r.GetName()):
		return nil, errs.Field("name", "%q is not a name: 1 to 63 letters, digits, dots, dashes and underscores", r.GetName())
	case !namePattern.MatchString(r.GetZone()):
		return nil, errs.Field("zone", "%q is not a zone: 1 to 63 letters, digits, dots, dashes and underscores", r.GetZone())
	case r.GetMilliCpu() <= 0 || r.GetMemoryMib() <= 0 || r.GetDiskMib() <= 0 || !offerOf(r).FitsIn(mostOffered):
		return nil, errs.Field("milli_cpu", "a node offers some of every resource and at most %s, not %d milli-vCPU, %d MiB of memory and %d MiB of disk",
			mostOffered, r.GetMilliCpu(), r.GetMemoryMib(), r.GetDiskMib())
	case r.GetHost() == "" || len(r.GetHost()) > maxHost:
		return nil, errs.Field("host", "a node says at which address its workers are reached, in 1 to %d characters, not %d", maxHost, len(r.GetHost()))
	case len(r.GetJavaVersions()) > maxJava || slices.ContainsFunc(r.GetJavaVersions(), func(major uint32) bool { return major > maxJavaMajor }):
		return nil, errs.Field("java_versions", "a node names at most %d versions of Java up to %d, not %d", maxJava, maxJavaMajor, len(r.GetJavaVersions()))
	case len(r.GetPythonVersion()) > maxPython:
		return nil, errs.Field("python_version", "a version of Python has at most %d characters, not %d", maxPython, len(r.GetPythonVersion()))
	}
	for field, word := range map[string]string{"architecture": r.GetArchitecture(), "agent_version": r.GetAgentVersion(), "boot_id": r.GetBootId()} {
		if len(word) > maxWord {
			return nil, errs.Field(field, "it has %d characters; the most is %d", len(word), maxWord)
		}
	}
	if err := checkReleases(r.GetReleases()); err != nil {
		return nil, err
	}
	if err := checkInventory(r.GetInventory()); err != nil {
		return nil, err
	}
	return &command.RegisterNode{Node: nodeOf(r), OfferOnly: true}, nil
}

// checkReleases bounds the releases that a node says it holds.
func checkReleases(labels []string) error {
	if len(labels) > maxReleases {
		return errs.Field("releases", "a node holds at most %d releases, not %d: remove some that nobody uses", maxReleases, len(labels))
	}
	for _, label := range labels {
		if label == "" || len(label) > maxWord || !utf8.ValidString(label) {
			return errs.Field("releases", "the label %.80q has %d characters, not 1 to %d", label, len(label), maxWord)
		}
	}
	return nil
}

func offerOf(r *agentv1.Register) resource.Vector {
	return resource.Vector{MilliCPU: r.GetMilliCpu(), MemoryMiB: r.GetMemoryMib(), DiskMiB: r.GetDiskMib()}
}

func nodeOf(r *agentv1.Register) state.Node {
	return state.Node{ID: r.GetNodeId(), Name: r.GetName(), Zone: r.GetZone(), ShuffleDisk: r.GetShuffleOptimizedDisk(), Architecture: r.GetArchitecture(),
		Capacity: offerOf(r), StateDetails: lastOf(clean(r.GetTrouble()), maxTrouble),
		Host: r.GetHost(), AgentVersion: r.GetAgentVersion(), BootID: r.GetBootId(), Releases: r.GetReleases(),
		Java: r.GetJavaVersions(), Python: r.GetPythonVersion()}
}
