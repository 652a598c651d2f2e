package scheduler

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

var rewrite = flag.Bool("rewrite", false, "write the plans of testdata/*.txt anew; read the diff")

// TestPlan_Scripts runs the scenarios in testdata: a scenario above the line of dashes, its plan below.
func TestPlan_Scripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find scripts in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runScript(t, file) })
	}
}

const dashes = "----\n"

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	scenario, want, _ := strings.Cut(string(text), dashes)
	got := describe(Plan(parseScenario(t, scenario)))
	if *rewrite {
		if err := os.WriteFile(file, []byte(scenario+dashes+got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("plan of %s\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// describe writes a plan, one line each.
func describe(out Output) string {
	var b strings.Builder
	for _, r := range out.Reservations {
		fmt.Fprintf(&b, "reserve %s role=%d", r.Application, r.Role)
		writeShares(&b, r.Shares)
	}
	for _, p := range out.Placements {
		fmt.Fprintf(&b, "place %s/%d zone=%s", p.Run, p.Attempt, p.Zone)
		if p.Driver != "" {
			fmt.Fprintf(&b, " driver=%s", p.Driver)
		}
		if p.DriverSlot != "" {
			fmt.Fprintf(&b, "(%s)", p.DriverSlot)
		}
		if len(p.Slots) > 0 {
			fmt.Fprintf(&b, " slots=%s", strings.Join(p.Slots, ","))
		}
		writeShares(&b, p.Shares)
	}
	for _, e := range out.Evictions {
		fmt.Fprintf(&b, "evict for %s/%d zone=%s: %s\n", e.Run, e.Attempt, e.Zone, strings.Join(e.IDs, " "))
	}
	for _, made := range out.Promises {
		fmt.Fprintf(&b, "promise %s zone=%s due=%s", made.Run, made.Zone, time.Duration(made.Due))
		for _, n := range made.Nodes {
			fmt.Fprintf(&b, " %s=%s", n.Node, n.Room.Vector)
		}
		b.WriteByte('\n')
	}
	for _, w := range out.Waits {
		fmt.Fprintf(&b, "wait %s/%d of %s %s: %s\n", w.Run, w.Attempt, w.Application, w.Kind, w.Message)
	}
	return b.String()
}

func writeShares(b *strings.Builder, shares []Share) {
	for _, s := range shares {
		fmt.Fprintf(b, " %s*%d", s.Node, s.Count)
	}
	b.WriteByte('\n')
}

// The roles of requests and growth in scripts.
const (
	driverRole Role = 1
	workerRole Role = 2
)

// parseScenario reads lines such as "node n1 zone=a has=16,64,400 free=8,32,200 shuffle arch=arm64 releases=x,y".
func parseScenario(t *testing.T, text string) (in Input) {
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		l := scriptLine{t: t, line: line, options: map[string]string{}}
		for _, w := range words[2:] {
			key, value, _ := strings.Cut(w, "=")
			l.options[key] = value
		}
		switch words[0] {
		case "node":
			in.Nodes = append(in.Nodes, l.node(words[1]))
		case "application":
			in.Applications = append(in.Applications, Application{
				ID:     words[1],
				Weight: l.number("weight", 1),
				Used:   l.vector("used"),
				Limit:  l.vector("limit"),

				Priority: uint32(l.number("priority", 0)),
			})
		case "pool":
			in.addPool(l.pool(words[1]))
		case "slots":
			in.Slots = append(in.Slots, l.slots(words[1])...)
		case "quota":
			in.AccountCPU = 1000 * l.number("vcpu", 0)
			in.AccountUsed = 1000 * l.number("used", 0)
		case "request":
			in.Waiting = append(in.Waiting, l.request(words[1]))
		case "growth":
			in.Growing = append(in.Growing, l.growth(words[1]))
		case "now": // seconds
			in.look(l.number("at", 0))
		case "occupant":
			in.occupy(l.options["on"], Occupant{
				ID:     words[1],
				Size:   l.size("size").Vector,
				Ends:   l.seconds("ends"),
				Yields: uint32(l.number("yields", 0)),
			})
		case "promise":
			in.Promises = append(in.Promises, l.promise(words[1]))
		case "max-workers":
			in.MaxWorkers, _ = strconv.Atoi(words[1])
		default:
			t.Fatalf("cannot read line %q", line)
		}
	}
	return in
}

// look has the plan look for promises.
func (in *Input) look(seconds int64) {
	in.Now = seconds * int64(time.Second)
	in.Look = true
	in.Patience = minute
	in.Yields = 1
	if in.Occupants == nil {
		in.Occupants = func(string) []Occupant { return nil }
	}
}

// occupy puts something on a node.
func (in *Input) occupy(node string, o Occupant) {
	others := in.Occupants
	in.Occupants = func(id string) (all []Occupant) {
		if others != nil {
			all = others(id)
		}
		if id == node {
			all = append(all, o)
		}
		return all
	}
}

// promise reads "promise r1 zone=a node=n1 room=4,16,20 slots=1 made=10 due=100".
func (l scriptLine) promise(run string) Promise {
	room := resource.Room{Vector: l.vector("room"), Slots: l.number("slots", 1)}
	return Promise{
		Run:   run,
		Zone:  l.options["zone"],
		Nodes: []Promised{{l.options["node"], room}},
		Made:  l.seconds("made"),
		Due:   l.seconds("due"),
	}
}

func (l scriptLine) seconds(key string) int64 { return l.number(key, 0) * int64(time.Second) }

type scriptLine struct {
	t       *testing.T
	line    string
	options map[string]string
}

func (l scriptLine) node(id string) Node {
	n := Node{
		ID:           id,
		Zone:         l.options["zone"],
		Capacity:     l.vector("has"),
		Free:         l.vector("has"),
		Architecture: l.options["arch"],
		Releases:     map[string]bool{},
	}
	if _, set := l.options["free"]; set {
		n.Free = l.vector("free")
	}
	_, n.ShuffleDisk = l.options["shuffle"]
	n.Held = l.number("held", 0)
	n.Name = id
	n.Labels = label.Of(pairs(l.options["labels"]))
	for _, label := range strings.Split(l.options["releases"], ",") {
		n.Releases[label] = true
	}
	return n
}

// pairs reads "disk:nvme,rack:r1".
func pairs(text string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if key, value, ok := strings.Cut(pair, ":"); ok {
			all[key] = value
		}
	}
	return all
}

// addPool adds a pool to the application that was described before it.
func (in *Input) addPool(p Pool) {
	last := &in.Applications[len(in.Applications)-1]
	last.Pools = append(last.Pools, p)
}

// pool reads "pool drivers role=1 count=5 size=2,4,20".
func (l scriptLine) pool(string) Pool {
	return Pool{
		Role:  Role(l.number("role", 0)),
		Size:  l.size("size"),
		Count: uint32(l.number("count", 0)),
		Needs: l.needs(),
	}
}

// slots reads "slots s of=app role=1 node=n1 count=2 taken size=2,4,20": slots s1 and s2.
func (l scriptLine) slots(prefix string) (slots []Slot) {
	_, taken := l.options["taken"]
	for i := range l.number("count", 1) {
		slots = append(slots, Slot{
			ID:          fmt.Sprint(prefix, i+1),
			Application: l.options["of"],
			Node:        l.options["node"],
			Role:        Role(l.number("role", 0)),
			Size:        l.size("size"),
			Free:        !taken,
		})
	}
	return slots
}

func (l scriptLine) request(run string) Request {
	return Request{
		Run:         run,
		Application: l.options["of"],
		Attempt:     1,
		Priority:    uint32(l.number("priority", 0)),
		Submitted:   l.number("at", 0),
		Since:       l.seconds("since"),
		Longest:     l.seconds("longest"),
		Driver:      l.size("driver"),
		Worker:      l.size("worker"),
		Initial:     uint32(l.number("initial", 3)),
		Minimum:     uint32(l.number("minimum", 0)),
		DriverRole:  driverRole,
		WorkerRole:  workerRole,
		AvoidZone:   l.options["avoid-zone"],
		AvoidNode:   l.options["avoid-node"],
		Needs:       l.needs(),
	}
}

func (l scriptLine) growth(run string) Growth {
	return Growth{
		Run:         run,
		Application: l.options["of"],
		Attempt:     1,
		Priority:    uint32(l.number("priority", 0)),
		Submitted:   l.number("at", 0),
		Zone:        l.options["zone"],
		Worker:      l.size("worker"),
		WorkerRole:  workerRole,
		Count:       uint32(l.number("count", 1)),
		Needs:       l.needs(),
	}
}

func (l scriptLine) needs() Needs {
	n := Needs{Release: l.options["release"], Architecture: l.options["arch"]}
	_, n.ReleaseCached = l.options["cached"]
	n.Nodes = label.NewRules(l.constraints("where"), l.constraints("prefer"), l.options["spread"])
	if refused := l.options["refused"]; refused != "" {
		n.Avoid = strings.Split(refused, ",")
	}
	return n
}

// constraints reads "disk==nvme;rack!=r1".
func (l scriptLine) constraints(key string) (all []label.Constraint) {
	for text := range strings.SplitSeq(l.options[key], ";") {
		if text == "" {
			continue
		}
		c, err := label.Parse(strings.ReplaceAll(text, "_", " "))
		if err != nil {
			l.t.Fatalf("cannot read %s in %q: %v", key, l.line, err)
		}
		all = append(all, c)
	}
	return all
}

func (l scriptLine) number(key string, otherwise int64) int64 {
	if l.options[key] == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(l.options[key], 10, 64)
	if err != nil {
		l.t.Fatalf("cannot read %s in %q: %v", key, l.line, err)
	}
	return n
}

// vector reads cores,GB,GB.
func (l scriptLine) vector(key string) resource.Vector {
	text := l.options[key]
	if text == "" {
		return resource.Vector{}
	}
	var cores, memory, disk int64
	if _, err := fmt.Sscanf(text, "%d,%d,%d", &cores, &memory, &disk); err != nil {
		l.t.Fatalf("cannot read %s in %q: %v", key, l.line, err)
	}
	return resource.Vector{MilliCPU: cores * 1000, MemoryMiB: memory << 10, DiskMiB: disk << 10}
}

// size is a vector, 4,16,20 unless told; with the option shuffle-disk it wants that class.
func (l scriptLine) size(key string) resource.Size {
	if l.options[key] == "" {
		l.options[key] = "4,16,20"
	}
	s := resource.Size{Vector: l.vector(key), Disk: resource.DiskStandard}
	if _, shuffle := l.options[key+"-shuffle"]; shuffle {
		s.Disk = resource.DiskShuffleOptimized
	}
	return s
}
