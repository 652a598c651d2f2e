package dispatch

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// honest is what an agent says of its node.
func honest() *agentv1.Register {
	return &agentv1.Register{
		NodeId:            "01arz3ndektsv4rrffq69g5fav",
		Name:              "n1",
		Zone:              "a",
		MilliCpu:          1,
		MemoryMib:         1,
		DiskMib:           1,
		Host:              "10.0.1.1",
		Architecture:      "X86_64",
		AgentVersion:      "v0.1.0-3.g0123456+dirty",
		BootId:            "7c9e6679-7425-40de-944b-e07fc1f90ae7",
		JavaVersions:      []uint32{8, 17},
		PythonVersion:     "3.9",
		Labels:            map[string]string{"disk": "nvme", "example.com/rack": "r1"},
		Releases:          []string{"emr-7.2.0", "spark-nightly_1"},
		Isolation:         "SANDBOX",
		IsolationGaps:     []string{"workers reach each other's ports"},
		SharedDirectories: []string{"/data"},
	}
}

func TestRegistration_TakesWhatAnHonestAgentSays(t *testing.T) {
	proved := state.NodeCertificate{Name: "n1", SHA256: "00"}
	c, err := registration(honest(), proved)
	if err != nil || len(c.Node.Java) != 2 || c.Node.Python != "3.9" || c.Node.Certificate != proved {
		t.Fatal(c, err)
	}
	for _, host := range []string{"10.0.1.1", "::1", "2001:db8::7", "node-1", "node_1.rack-a.example.", "127.0.0.1"} {
		r := honest()
		r.Host = host
		if _, err := registration(r, proved); err != nil {
			t.Errorf("host %s: %v", host, err)
		}
	}
}

// Everything that a node says goes into the log and before people: it is bounded, and says nothing that a terminal
// would obey.
func TestRegistration_NamesWhatIsWrong(t *testing.T) {
	long := strings.Repeat("a", 300)
	for name, c := range map[string]struct {
		field  string
		change func(*agentv1.Register)
	}{
		"id":                 {"node_id", func(r *agentv1.Register) { r.NodeId = "N1" }},
		"name":               {"name", func(r *agentv1.Register) { r.Name = "a b" }},
		"name in upper case": {"name", func(r *agentv1.Register) { r.Name = "N1" }},
		"long name":          {"name", func(r *agentv1.Register) { r.Name = long }},
		"zone":               {"zone", func(r *agentv1.Register) { r.Zone = "" }},
		"long zone":          {"zone", func(r *agentv1.Register) { r.Zone = strings.Repeat("a", maxZone+1) }},
		"no disk":            {"milli_cpu", func(r *agentv1.Register) { r.DiskMib = 0 }},
		"endless memory":     {"milli_cpu", func(r *agentv1.Register) { r.MemoryMib = math.MaxInt64 }},
		"no host":            {"host", func(r *agentv1.Register) { r.Host = "" }},
		"host with a port":   {"host", func(r *agentv1.Register) { r.Host = "h:1" }},
		"host as a URL":      {"host", func(r *agentv1.Register) { r.Host = "h/../x" }},
		"every host":         {"host", func(r *agentv1.Register) { r.Host = "0.0.0.0" }},
		"a group of hosts":   {"host", func(r *agentv1.Register) { r.Host = "224.0.0.1" }},
		"long host":          {"host", func(r *agentv1.Register) { r.Host = long }},
		"host that escapes":  {"host", func(r *agentv1.Register) { r.Host = "h\x1b[2J" }},
		"architecture":       {"architecture", func(r *agentv1.Register) { r.Architecture = "x86_64" }},
		"no architecture":    {"architecture", func(r *agentv1.Register) { r.Architecture = "" }},
		"version":            {"agent_version", func(r *agentv1.Register) { r.AgentVersion = "v1\n" }},
		"long version":       {"agent_version", func(r *agentv1.Register) { r.AgentVersion = long }},
		"boot":               {"boot_id", func(r *agentv1.Register) { r.BootId = "\x00" }},
		"long boot":          {"boot_id", func(r *agentv1.Register) { r.BootId = long }},
		"many versions": {
			"java_versions",
			func(r *agentv1.Register) { r.JavaVersions = make([]uint32, maxJava+1) },
		},
		"a version to come": {
			"java_versions",
			func(r *agentv1.Register) { r.JavaVersions = []uint32{maxJavaNext + 1} },
		},
		"python": {
			"python_version",
			func(r *agentv1.Register) { r.PythonVersion = strings.Repeat("3", maxPython+1) },
		},
		"python that escapes": {"python_version", func(r *agentv1.Register) { r.PythonVersion = "3\x1b" }},
		"label":               {"releases", func(r *agentv1.Register) { r.Releases = []string{""} }},
		"long label":          {"releases", func(r *agentv1.Register) { r.Releases = []string{long} }},
		"many labels":         {"releases", func(r *agentv1.Register) { r.Releases = make([]string, maxReleases+1) }},
		"no key of a label":   {"labels", func(r *agentv1.Register) { r.Labels = map[string]string{"a b": "c"} }},
		"a label of our own":  {"labels", func(r *agentv1.Register) { r.Labels = map[string]string{"zone": "c"} }},
		"label that escapes":  {"labels", func(r *agentv1.Register) { r.Labels = map[string]string{"a": "\x1b[2J"} }},
		"no isolation":        {"isolation", func(r *agentv1.Register) { r.Isolation = "" }},
		"gaps": {
			"isolation_gaps",
			func(r *agentv1.Register) { r.IsolationGaps = make([]string, maxGaps+1) },
		},
		"a long gap": {
			"isolation_gaps",
			func(r *agentv1.Register) { r.IsolationGaps = []string{strings.Repeat("x", maxGap+1)} },
		},
		"a gap that escapes": {"isolation_gaps", func(r *agentv1.Register) { r.IsolationGaps = []string{"\x1b[2J"} }},
		"shared": {
			"shared_directories",
			func(r *agentv1.Register) { r.SharedDirectories = make([]string, maxShared+1) },
		},
		"many workers": {
			"inventory",
			func(r *agentv1.Register) { r.Inventory = make([]*agentv1.WorkerStatus, maxInventoryPart+1) },
		},
		"no worker's id": {
			"inventory",
			func(r *agentv1.Register) { r.Inventory = []*agentv1.WorkerStatus{{WorkerId: long}} },
		},
	} {
		r := honest()
		c.change(r)
		_, err := registration(r, state.NodeCertificate{})
		wantField(t, name, c.field, err)
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("%s: the refusal has %d characters", name, len(err.Error()))
		}
	}
}

func TestCheckReport_Bounds(t *testing.T) {
	many := &agentv1.Report{}
	for i := range maxWorkerStatuses {
		many.Workers = append(many.Workers, &agentv1.WorkerStatus{
			WorkerId: fmt.Sprintf("%026d", i),
			Message:  strings.Repeat("x", maxMessage),
		})
		many.Slots = append(many.Slots, &agentv1.SlotStatus{
			SlotId: fmt.Sprintf("%026d", i),
			Error:  strings.Repeat("x", maxMessage),
		})
	}
	if err := checkReport(many); err != nil {
		t.Errorf("a full report is refused: %v", err)
	}
	for name, r := range map[string]*agentv1.Report{
		"3145":            {Workers: []*agentv1.WorkerStatus{{Message: strings.Repeat("x", maxReport)}}},
		"257 workers":     {Workers: make([]*agentv1.WorkerStatus, 257)},
		"257 slots":       {Slots: make([]*agentv1.SlotStatus, 257)},
		"256 releases":    {Releases: &agentv1.ReleaseHoldings{Labels: make([]string, 257)}},
		"release's label": {Releases: &agentv1.ReleaseHoldings{Labels: []string{"\x1b[31m"}}},
	} {
		if err := checkReport(r); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
