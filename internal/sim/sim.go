package sim

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// Config says which history to simulate.
type Config struct {
	Seed  uint64
	Steps int // with users and faults; then everything is let come to its end
}

// Result is what a history was.
type Result struct {
	LogHash       [sha256.Size]byte // of all records, void ones included
	Records       int
	Void          int
	Events        int
	LeaderChanges int
	Restarts      int            // of servers, from a snapshot and the log after it
	Promised      int            // nodes were to be kept for a run, counted in each plan
	Evicted       int            // slots, for runs of higher priorities
	Refused       int            // plans
	Lost          int            // nodes
	Half          int            // steps after which a node was being lost, and not yet
	Slots         int            // that were reserved
	Assigned      int            // workers that were given one
	Queued        int            // runs
	Updates       int            // of applications
	Runs          map[string]int // by the state that they ended in
	Took          time.Duration  // of virtual time
}

// maxCalm bounds the steps after the last fault within which every run has to end.
const maxCalm = 300_000

// Run simulates one history. Its error says which invariant was broken, at which moment, and how to see it again.
func Run(cfg Config) (result Result, err error) {
	w := newWorld(cfg)
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf(
				"seed %d, %s after the beginning, record %d: %v\n"+
					"see it again: go test ./internal/sim -run TestSimulation -seed %d -steps %d\n%s",
				cfg.Seed,
				w.now.Sub(began),
				w.view().Sequence,
				broken,
				cfg.Seed,
				cfg.Steps,
				debug.Stack(),
			)
		}
	}()
	for range cfg.Steps {
		w.step()
	}
	w.calm()
	for n := 0; !w.quiet(); n++ {
		if n > maxCalm {
			w.fail("I2: %d steps after the last fault there still is: %s", n, w.unrest())
		}
		w.step()
	}
	w.checkEnd()
	return w.result(), nil
}

// accountCPU is the account's quota in every other history, in thousandths of a vCPU: less than the machines have.
const accountCPU = 26_000

// began is when every history begins.
var began = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// world is everything that is simulated. It belongs to one goroutine.
type world struct {
	clock
	random   *rand.Rand
	faults   bool
	limits   command.Limits
	door     door
	log      [][]byte         // what was committed, void records included
	changes  []*state.Changes // what each record changed that was not void
	replicas []*replica
	leader   *replica
	nodes    []*node
	users    users
	planner  planner
	checks   checks
	count    Result
}

func newWorld(cfg Config) *world {
	limits := command.DefaultLimits()
	limits.Submitted = 2 * time.Minute
	limits.Pending = 10 * time.Minute
	limits.Scheduled = 20 * time.Second
	limits.SlotRest = 3 * time.Second
	if cfg.Seed%2 == 0 {
		limits.AccountCPU = accountCPU
	}
	limits.StepBytes = []int{limits.StepBytes, 1, 400, 1500}[cfg.Seed%4] // the smallest: one thing at a time
	w := &world{
		clock:  clock{now: began},
		random: rand.New(rand.NewPCG(cfg.Seed, 1)),
		faults: true,
		limits: limits,
	}
	w.checks = newChecks(w)
	w.planner = newPlanner()
	for range 3 {
		w.replicas = append(w.replicas, newReplica(w))
	}
	w.leader = w.replicas[0]
	w.door.world = w
	w.users.world = w
	w.begin()
	return w
}

// begin starts everything that goes on by itself.
func (w *world) begin() {
	w.execute((&command.InitializeCluster{Account: "000000000000", Region: "us-east-1"}).Decide, func(error) {})
	for i := range 6 {
		w.nodes = append(w.nodes, newNode(w, i))
	}
	for _, n := range w.nodes {
		w.every(100*time.Millisecond, 400*time.Millisecond, n.sync)
	}
	for _, r := range w.replicas {
		w.every(50*time.Millisecond, 500*time.Millisecond, r.follow)
		w.every(5*time.Second, 40*time.Second, r.snapshot)
	}
	w.users.createApplications()
	w.every(200*time.Millisecond, 2*time.Second, w.users.act)
	w.every(50*time.Millisecond, 500*time.Millisecond, w.plan)
	w.every(time.Second, time.Second, w.loseNodes)
	w.every(time.Second, 5*time.Second, w.expire)
	w.every(300*time.Millisecond, 3*time.Second, w.fault)
}

// every repeats something, each time after a drawn wait.
func (w *world) every(shortest, longest time.Duration, do func()) {
	w.after(w.between(shortest, longest), func() {
		do()
		w.every(shortest, longest, do)
	})
}

func (w *world) between(shortest, longest time.Duration) time.Duration {
	return shortest + time.Duration(w.random.Int64N(int64(longest-shortest)+1))
}

// chance is true in so many of a hundred cases.
func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

// view is what the leader knows.
func (w *world) view() *state.View { return w.leader.machine.View() }

// fail ends the simulation: an invariant is broken.
func (w *world) fail(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// calm ends all faults and requests: from now on everything has to come to its end.
func (w *world) calm() {
	w.faults = false
	for _, n := range w.nodes {
		n.capacity = fullCapacity
		n.connected = true
		w.execute((&command.UncordonNode{IDOrName: n.id}).Decide, func(error) {})
	}
}

// quiet says whether nothing is left to happen.
func (w *world) quiet() bool { return w.unrest() == "" }

// unrest says what is left.
func (w *world) unrest() string {
	for run := range w.view().Unfinished("") {
		attempt := w.view().Attempt(run.ID, run.Attempt)
		return fmt.Sprintf("run %s is %s, its attempt %d is %s", run.ID, run.State, attempt.Number, attempt.State)
	}
	for slot := range w.view().Slots() {
		if !slot.Preinitialised() || slot.Worker != "" {
			return fmt.Sprintf("worker %s holds a slot on %s", slot.Worker, slot.Node)
		}
	}
	for application := range w.view().Applications("") {
		if application.State == state.ApplicationStopping ||
			application.Prepares() && command.PoolMissing(w.view(), application) != "" {
			return fmt.Sprintf(
				"application %s is %s, %s",
				application.ID,
				application.State,
				command.PoolMissing(w.view(), application),
			)
		}
	}
	for _, n := range w.nodes {
		if len(n.processes) > 0 {
			return fmt.Sprintf("process %s is on %s", n.processes[0].worker, n.id)
		}
	}
	if w.door.flying != nil || len(w.door.waiting) > 0 || w.door.late > 0 {
		return "decisions wait"
	}
	return ""
}

func (w *world) result() Result {
	hash := sha256.New()
	for _, entry := range w.log {
		hash.Write(entry)
	}
	r := w.count
	r.LogHash = [sha256.Size]byte(hash.Sum(nil))
	r.Records = len(w.log)
	r.Took = w.now.Sub(began)
	r.Runs = map[string]int{}
	for run := range w.view().AllJobRuns() {
		r.Runs[run.State.String()]++
	}
	return r
}
