package testcluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// NodeConfig says what a simulated node offers and does. Name, Zone and Script are needed.
type NodeConfig struct {
	Name, Zone   string
	MilliCPU     int64 // 0: 16 vCPU
	MemoryMiB    int64 // 0: 64 GiB
	DiskMiB      int64 // 0: 400 GiB
	Releases     []string
	Script       Script
	Prepare      func(*agentv1.AssignedSlot) Preparation // of pre-initialised slots; nil: all at once
	Becomes      string                                  // the state that it is in once it is there; empty: READY
	IgnoresLease bool                                    // its workers outlive its lease, which no honest node allows
}

// Node is a simulated node.
type Node struct {
	ID string

	t       testing.TB
	name    string
	offer   *agentv1.Register
	script  Script
	prepare func(*agentv1.AssignedSlot) Preparation
	ignores bool
	dial    []grpc.DialOption
	ledger  *Ledger
	logs    *logs
	group   sync.WaitGroup
	cancel  context.CancelFunc
	woken   chan struct{} // holds a token when there may be something to tell

	mu      sync.Mutex
	servers []string // gRPC addresses that it knows
	workers map[string]*Worker
	slots   map[string]*slot
	demands map[demandKey]*agentv1.Demand
	newest  position // of the assignments
	lease   lease
	cut     chan struct{} // closed while it is cut off
	healed  chan struct{} // closed while it is not
	muted   bool          // it does not renew
	fenced  []string
	unsent  bool // demands are news
}

type demandKey struct {
	run     string
	attempt uint32
}

// position orders assignments.
type position struct{ term, record uint64 }

func newNode(
	t testing.TB,
	config NodeConfig,
	servers []string,
	dial func(id string) []grpc.DialOption,
	ledger *Ledger,
) *Node {
	n := &Node{
		ID:      strings.ToLower(rand.Text())[:26],
		t:       t,
		name:    config.Name,
		script:  config.Script,
		prepare: config.Prepare,
		ignores: config.IgnoresLease,
		ledger:  ledger,
		logs:    newLogs(),
		woken:   make(chan struct{}, 1),
		servers: servers,
		workers: map[string]*Worker{},
		slots:   map[string]*slot{},
		demands: map[demandKey]*agentv1.Demand{},
		cut:     make(chan struct{}),
		healed:  make(chan struct{}),
	}
	close(n.healed)
	n.dial = dial(n.ID)
	n.offer = offerOf(n.ID, config)
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	n.group.Go(func() { n.run(ctx) })
	n.group.Go(func() { n.watchLease(ctx) })
	return n
}

// offerOf returns what a node registers with.
func offerOf(id string, config NodeConfig) *agentv1.Register {
	return &agentv1.Register{
		NodeId:        id,
		Name:          config.Name,
		Zone:          config.Zone,
		MilliCpu:      cmp.Or(config.MilliCPU, 16_000),
		MemoryMib:     cmp.Or(config.MemoryMiB, 64<<10),
		DiskMib:       cmp.Or(config.DiskMiB, 400<<10),
		Architecture:  "X86_64",
		Host:          "127.0.0.1",
		AgentVersion:  "test",
		BootId:        "boot",
		Releases:      config.Releases,
		JavaVersions:  []uint32{8, 17},
		PythonVersion: "3.9",
		Isolation:     "SANDBOX",
	}
}

// close ends the node and waits for all of it.
func (n *Node) close() {
	n.cancel()
	n.mu.Lock()
	n.dropSlots()
	n.mu.Unlock()
	for _, w := range n.all() {
		w.vanish()
	}
	n.group.Wait()
}

// CutOff separates the node from all servers. Its workers go on until its lease ends.
func (n *Node) CutOff() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.cut:
	default:
		close(n.cut)
		n.healed = make(chan struct{})
	}
}

// Heal ends CutOff.
func (n *Node) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.healed:
	default:
		close(n.healed)
		n.cut = make(chan struct{})
	}
}

// Mute has the node keep its session without renewing its lease; Heal does not end it, false does.
func (n *Node) Mute(muted bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.muted = muted
}

// Crash cuts the node off, and its workers are gone without a word, as when its machine loses power.
func (n *Node) Crash() {
	n.CutOff()
	workers := n.all()
	n.mu.Lock()
	n.workers = map[string]*Worker{}
	n.demands = map[demandKey]*agentv1.Demand{}
	n.dropSlots()
	n.mu.Unlock()
	for _, w := range workers {
		w.vanish()
	}
}

// Hold changes the releases that the node holds; it is told with the next registration.
func (n *Node) Hold(releases ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offer.Releases = releases
}

// Fenced returns the workers that the cluster did not know.
func (n *Node) Fenced() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.fenced)
}

// Live returns the workers that have not ended, by id.
func (n *Node) Live() (live []*Worker) {
	for _, w := range n.all() {
		if s, _ := w.told(); s.GetPhase() != agentv1.Phase_PHASE_ENDED {
			live = append(live, w)
		}
	}
	return live
}

// all returns the workers by id.
func (n *Node) all() []*Worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*Worker, 0, len(n.workers))
	for _, w := range n.workers {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *Worker) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// wake has the session look whether there is something to tell.
func (n *Node) wake() {
	select {
	case n.woken <- struct{}{}:
	default:
	}
}

func (n *Node) demand(d *agentv1.Demand) {
	n.mu.Lock()
	n.demands[demandKey{d.GetJobRunId(), d.GetAttempt()}] = d
	n.unsent = true
	n.mu.Unlock()
	n.wake()
}

// lease is until when the node's workers may live.
type lease struct {
	length   time.Duration
	deadline time.Time
}
