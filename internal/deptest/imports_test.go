package deptest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/headrace/headrace/"

// pkg is what the go command says of a package. Imports are those of its code, not of its tests.
type pkg struct {
	ImportPath     string
	Name           string
	Dir            string
	Imports        []string
	GoFiles        []string
	IgnoredGoFiles []string // those of other operating systems
}

// name is the package's path within the module.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// packages returns those of the product's module and of the clients', which have a module of their own.
func packages(t *testing.T) []pkg {
	t.Helper()
	return append(packagesOf(t, ".", module+"..."), packagesOf(t, "../clients", module+"internal/clients/...")...)
}

// packagesOf returns the packages that a pattern names in the module of a folder.
func packagesOf(t *testing.T, folder, pattern string) (all []pkg) {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Dir,Imports,GoFiles,IgnoredGoFiles", pattern)
	list.Dir = folder
	out, err := list.Output()
	if err != nil {
		t.Fatalf("cannot list the packages of the module in %s: %v", folder, err)
	}
	if len(out) == 0 {
		t.Fatalf("the module in %s has no packages", folder)
	}
	for in := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// pure says what each pure package may import beside the standard library. A pure package can be tested by calling it,
// and gives the same on every server and in every replay.
var pure = map[string][]string{
	"internal/backoff":   {},
	"internal/lastwords": {},
	"internal/signal":    {},
	"internal/label":     {module + "internal/errs"},
	"scheduler": {
		module + "internal/label", module + "internal/resource", module + "internal/ident", "github.com/tidwall/btree",
	},
	"internal/spec": {
		module + "internal/errs", module + "internal/label", module + "internal/printable", module + "internal/resource",
		module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1", protobuf,
		"buf.build/go/protovalidate", "buf.build/gen/go/bufbuild/protovalidate",
	},
	"internal/spec/support": {module + "internal/errs", protobuf},
	"fsm/state": {
		module + "internal/label", module + "internal/resource", module + "internal/ident", module + "internal/spec",
		module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1", protobuf, "github.com/tidwall/btree",
	},
	"fsm/event": {module + "proto/headrace/event/v1", protobuf},
	"fsm/wire": {
		module + "fsm/state", module + "internal/resource",
		module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1", protobuf,
	},
	"fsm": {
		module + "fsm/", module + "internal/label", module + "internal/resource", module + "internal/spec",
		module + "proto/headrace/event/v1", module + "proto/headrace/snapshot/v1", module + "proto/headrace/spec/v1",
		protobuf,
		"github.com/hashicorp/raft",
	},
	"server/command": {
		module + "fsm", module + "internal/backoff", module + "internal/errs", module + "internal/ident",
		module + "internal/label", module + "internal/lastwords", module + "internal/releases",
		module + "internal/resource", module + "internal/signal", module + "internal/spec",
		module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1", protobuf,
		module + "server/command/configuration", module + "server/command/hive", module + "server/command/property",
		module + "server/command/spark",
	},
	"server/command/configuration": {
		module + "fsm/state", module + "internal/errs", module + "internal/releases",
		module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1",
	},
	"server/command/hive":   engineImports,
	"server/command/spark":  engineImports,
	"server/command/execve": {module + "internal/errs"},
	"server/command/property": {
		module + "internal/errs", module + "internal/releases", module + "internal/spec/support",
		module + "server/command/words",
	},
	"server/command/words": {module + "internal/errs"},
	"server/placement/proposal": {
		module + "fsm/state", module + "internal/backoff", module + "internal/label", module + "internal/resource",
		module + "internal/spec", module + "scheduler", module + "server/command",
		"github.com/tidwall/btree",
	},
	"server/control/message": {
		module + "fsm", module + "internal/ident", module + "internal/releases", module + "internal/resource",
		module + "internal/spec/support",
		module + "proto/headrace/control/v1", module + "proto/headrace/event/v1", module + "proto/headrace/spec/v1", protobuf,
		module + "server/command",
	},
	"server/control/explanation": {
		module + "fsm/state", module + "internal/resource", module + "scheduler", module + "server/command",
		module + "proto/headrace/agent/v1", // how far nodes and drivers say they are, as messages
	},
}

const protobuf = "google.golang.org/protobuf/"

// engineImports is what the meaning of an engine's settings needs.
var engineImports = []string{
	module + "internal/errs", module + "internal/releases", module + "internal/resource",
	module + "server/command/execve", module + "server/command/property", module + "server/command/words",
}

// effects are packages of the standard library that a pure package has no use for.
var effects = []string{"os", "net", "math/rand", "crypto/rand", "log", "syscall", "embed", "testing"}

func TestPurePackages_ImportOnlyWhatIsPure(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		allowed, isPure := pure[p.name()]
		if !isPure {
			continue
		}
		seen++
		for _, i := range p.Imports {
			standard := !strings.Contains(strings.SplitN(i, "/", 2)[0], ".")
			if standard && i != "net/url" && slices.ContainsFunc(effects, func(e string) bool { return within(i, e) }) {
				t.Errorf("%s imports %s: pure packages have no clock, randomness or I/O; what they need is handed in, "+
					"so that a replay gives the same", p.name(), i)
			}
			if !standard && !slices.ContainsFunc(allowed, func(a string) bool { return within(i, a) }) {
				t.Errorf(
					"%s imports %s: arrows point towards the pure packages, never back; it may import %v",
					p.name(),
					i,
					allowed,
				)
			}
		}
	}
	if seen != len(pure) {
		t.Errorf("%d of %d pure packages were found: the table is out of date", seen, len(pure))
	}
}

// within says whether a package is another one, or below it.
func within(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return path == root || strings.HasPrefix(path, root+"/")
}

// rule forbids imports to packages, but not to some of them.
type rule struct {
	from, but []string // within the module; an empty from is everybody
	to        []string
	reason    string
}

var rules = []rule{
	{
		from:   []string{"agent"},
		to:     []string{module + "server", module + "fsm", module + "scheduler", module + "proto/headrace/event"},
		reason: "an agent knows the server only as proto/headrace/agent, so that a difference in versions shows in one place",
	},
	{from: []string{"server"}, to: []string{module + "agent"}, reason: "a server knows agents only as protobuf"},
	{
		but:    []string{"cmd"},
		to:     []string{module + "cmd"},
		reason: "flags, environment and exit codes belong to cmd, which nobody imports",
	},
	{
		but: []string{"server/consensus", "fsm"},
		to: []string{
			"github.com/hashicorp/raft",
			"github.com/hashicorp/raft-wal",
			"github.com/hashicorp/raft-boltdb",
			"github.com/hashicorp/memberlist",
		},
		reason: "only server/consensus runs Raft and gossip; everything else goes through its door, Execute",
	},
	{
		but: []string{"server/placement", "server/control", "internal/sim", "internal/bench"},
		to:  []string{module + "scheduler"},
		reason: "server/placement translates between the state and the scheduler; " +
			"control only tells why a run waits, in its words, and benchmarks measure it",
	},
	{
		from:   []string{"internal"},
		but:    []string{"internal/sim", "internal/simnode", "internal/testcluster", "internal/bench"},
		to:     []string{module + "server", module + "agent", module + "fsm", module + "scheduler"},
		reason: "internal packages are leaves, but those that measure or test the whole",
	},
	{
		to: []string{
			module + "internal/sim",
			module + "internal/simnode",
			module + "internal/testcluster",
			module + "internal/deptest",
		},
		but:    []string{"internal/testcluster", "internal/bench"},
		reason: "it is for tests and benchmarks only",
	},
	{
		to:     []string{module + "internal/s3test"},
		but:    []string{"internal/s3test"},
		reason: "it is for tests only, and the command below it builds what they run",
	},
	{
		from: []string{"proto"},
		to: []string{
			module + "server",
			module + "agent",
			module + "fsm",
			module + "scheduler",
			module + "internal",
			module + "cmd",
		},
		reason: "contracts know nothing of the code that keeps them",
	},
}

func TestImports_PointTheRightWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, r := range rules {
			if len(r.from) > 0 && !slices.ContainsFunc(r.from, func(f string) bool { return within(p.name(), f) }) ||
				slices.ContainsFunc(r.but, func(b string) bool { return within(p.name(), b) }) {
				continue
			}
			for _, i := range p.Imports {
				if slices.ContainsFunc(r.to, func(to string) bool { return within(i, to) }) {
					t.Errorf("%s imports %s: %s", p.name(), i, r.reason)
				}
			}
		}
	}
}

func TestPackages_AreNamedAfterWhatTheyDo(t *testing.T) {
	for _, p := range packages(t) {
		last := p.name()[strings.LastIndex(p.name(), "/")+1:]
		if slices.Contains(
			[]string{"util", "utils", "common", "types", "models", "structs", "helpers", "misc", "interfaces"},
			last,
		) {
			t.Errorf(
				"package %s says nothing: a helper with two users moves to a leaf in internal/ that is named after what it does",
				p.name(),
			)
		}
	}
}
