package dispatch

import (
	"net"
	"regexp"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// namePattern matches zones, labels of releases, and versions of agents and of Python.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// hostPattern matches the name of a host.
var hostPattern = regexp.MustCompile(
	`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`,
)

// Bounds of what a node says of itself.
const (
	maxHost     = 253 // characters
	maxZone     = 63
	maxPython   = 32
	maxReleases = 256
	maxJava     = 16
	maxJavaNext = 1000 // the highest major version of Java

	maxGaps, maxGap          = 8, 200 // and bytes of each
	maxShared, maxSharedPath = 32, 512
	maxTrouble               = 512
)

// Bounds of what a node offers: far beyond any machine, and so small that the sum of all nodes is a number.
const (
	maxMilliCPU  = 1_000_000_000
	maxMemoryMiB = 1 << 32
	maxDiskMiB   = 1 << 40
)

// registration checks an agent's first message and turns it into a command, with the certificate that the agent proved
// to hold.
func registration(r *agentv1.Register, certificate state.NodeCertificate) (*command.RegisterNode, error) {
	for _, check := range []func(*agentv1.Register) error{checkNames, checkOffer, checkMachine} {
		if err := check(r); err != nil {
			return nil, err
		}
	}
	if err := checkInventory(r.GetInventory()); err != nil {
		return nil, err
	}
	c := &command.RegisterNode{Node: nodeOf(r), OfferOnly: true}
	c.Node.Certificate = certificate
	return c, nil
}

func checkNames(r *agentv1.Register) error {
	switch {
	case !ident.Valid(r.GetNodeId()):
		return errs.Field("node_id",
			"%.80q is not an id of %d lower-case letters and digits", r.GetNodeId(), ident.Length)
	case !ident.ValidNodeName(r.GetName()):
		return errs.Field("name", "%.80q is not a node's name: %s", r.GetName(), ident.NodeNameRule)
	case !namePattern.MatchString(r.GetZone()) || len(r.GetZone()) > maxZone:
		return errs.Field("zone",
			"%.80q is not a zone: 1 to %d letters, digits, dots, dashes and underscores", r.GetZone(), maxZone)
	case !isHost(r.GetHost()):
		return errs.Field("host",
			"%.80q is not where workers are reached: give an IP address or a host's name, without a port", r.GetHost())
	}
	return nil
}

// isHost says whether other machines may reach a machine by that name or address.
func isHost(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return !ip.IsUnspecified() && !ip.IsMulticast()
	}
	return len(host) <= maxHost && hostPattern.MatchString(host)
}

func checkOffer(r *agentv1.Register) error {
	cpu := r.GetMilliCpu()
	memory := r.GetMemoryMib()
	disk := r.GetDiskMib()
	if min(cpu, memory, disk) <= 0 || cpu > maxMilliCPU || memory > maxMemoryMiB || disk > maxDiskMiB {
		return errs.Field("milli_cpu",
			"a node offers some of every resource, and at most %d milli-vCPU, %d MiB of memory and %d MiB of disk, "+
				"not %d, %d and %d",
			maxMilliCPU, int64(maxMemoryMiB), int64(maxDiskMiB), cpu, memory, disk)
	}
	return nil
}

// checkMachine checks what a node says of its machine and its software.
func checkMachine(r *agentv1.Register) error {
	switch {
	case r.GetArchitecture() != "X86_64" && r.GetArchitecture() != "ARM64":
		return errs.Field("architecture", "%.80q is neither X86_64 nor ARM64", r.GetArchitecture())
	case r.GetAgentVersion() != "" && !namePattern.MatchString(r.GetAgentVersion()):
		return errs.Field("agent_version",
			"%.80q is not a version: at most 64 letters, digits, dots, dashes, underscores and +", r.GetAgentVersion())
	case r.GetBootId() != "" && !namePattern.MatchString(r.GetBootId()):
		return errs.Field("boot_id",
			"%.80q is not a boot's id: at most 64 letters, digits, dots and dashes", r.GetBootId())
	}
	if err := checkLanguages(r.GetJavaVersions(), r.GetPythonVersion()); err != nil {
		return err
	}
	if err := checkIsolation(r); err != nil {
		return err
	}
	if problem := label.Check(r.GetLabels()); problem != "" {
		return errs.Field("labels", "%s", problem)
	}
	return checkReleases("releases", r.GetReleases())
}

// checkLanguages checks the versions of Java and Python that a node says it has; it may have none.
func checkLanguages(java []uint32, python string) error {
	if len(java) > maxJava || len(java) > 0 && slices.Max(java) > maxJavaNext {
		return errs.Field("java_versions",
			"a node names at most %d versions of Java, none above %d, not %d of them up to %d",
			maxJava, maxJavaNext, len(java), slices.Max(java))
	}
	if python != "" && (len(python) > maxPython || !namePattern.MatchString(python)) {
		return errs.Field("python_version",
			"%.80q is not a version of Python: at most %d letters, digits, dots, dashes and +", python, maxPython)
	}
	return nil
}

func checkIsolation(r *agentv1.Register) error {
	if of := r.GetIsolation(); of != state.IsolationSandbox && of != state.IsolationNone {
		return errs.Field("isolation", "%.80q is neither %s nor %s", of, state.IsolationSandbox, state.IsolationNone)
	}
	if err := checkTexts("isolation_gaps", r.GetIsolationGaps(), maxGaps, maxGap); err != nil {
		return err
	}
	return checkTexts("shared_directories", r.GetSharedDirectories(), maxShared, maxSharedPath)
}

// checkTexts bounds texts of a node that people are shown.
func checkTexts(field string, texts []string, limit, bytes int) error {
	if len(texts) > limit {
		return errs.Field(field, "a node names at most %d, not %d", limit, len(texts))
	}
	for _, text := range texts {
		if problem := printable.Check(text); problem != "" {
			return errs.Field(field, "%s", problem)
		}
		if len(text) > bytes {
			return errs.Field(field, "%.80q has %d bytes; the most is %d", text, len(text), bytes)
		}
	}
	return nil
}

// checkReleases checks the labels of the releases that a node says it holds.
func checkReleases(field string, labels []string) error {
	if len(labels) > maxReleases {
		return errs.Field(field,
			"a node names at most %d releases, not %d; remove some that nobody needs from its release_dirs",
			maxReleases, len(labels))
	}
	for _, label := range labels {
		if !namePattern.MatchString(label) {
			return errs.Field(field,
				"%.80q is not a release's label: 1 to 64 letters, digits, dots, dashes and underscores", label)
		}
	}
	return nil
}

func nodeOf(r *agentv1.Register) state.Node {
	return state.Node{
		ID:           r.GetNodeId(),
		Name:         r.GetName(),
		Zone:         r.GetZone(),
		ShuffleDisk:  r.GetShuffleOptimizedDisk(),
		Architecture: r.GetArchitecture(),
		Capacity:     resource.Vector{MilliCPU: r.GetMilliCpu(), MemoryMiB: r.GetMemoryMib(), DiskMiB: r.GetDiskMib()},
		Host:         r.GetHost(),
		AgentVersion: r.GetAgentVersion(),
		BootID:       r.GetBootId(),
		Releases:     r.GetReleases(),
		Java:         r.GetJavaVersions(),
		Python:       r.GetPythonVersion(),
		Isolation:    r.GetIsolation(),
		Gaps:         r.GetIsolationGaps(),
		Shared:       r.GetSharedDirectories(),
		Labels:       label.Of(r.GetLabels()),
		StateDetails: lastOf(clean(r.GetTrouble()), maxTrouble),
	}
}
