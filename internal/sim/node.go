package sim

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// The times of a lease. The leader waits the margin longer than the agent before it declares a node lost.
const (
	leaseTime   = 10 * time.Second
	leaseMargin = 2 * time.Second
)

var fullCapacity = resource.Vector{MilliCPU: 8000, MemoryMiB: 32 << 10, DiskMiB: 200 << 10}

// node is a machine with its agent.
type node struct {
	world      *world
	id, zone   string
	number     int
	capacity   resource.Vector
	connected  bool
	registered bool
	asking     bool      // a registration or a report is under way
	losing     bool      // the leader declares it lost: it does not come back meanwhile
	session    int       // counts connections; what was asked for in an older one is not answered
	lease      time.Time // its end
	processes  []*process
	slots      []*slot
}

func newNode(w *world, i int) *node {
	return &node{
		world:     w,
		id:        fmt.Sprintf("node-%d", i+1),
		number:    i,
		zone:      string(rune('a' + i%3)),
		capacity:  fullCapacity,
		connected: true,
	}
}

// sync is what an agent does all the time: it renews its lease, takes its assignment, and reports.
func (n *node) sync() {
	switch {
	case !n.connected:
		n.fence()
	case !n.registered || n.lost():
		n.register()
	default:
		n.lease = n.world.now.Add(leaseTime)
		n.obey()
		n.prepare()
		n.report()
		n.reportSlots()
	}
}

func (n *node) lost() bool {
	row := n.world.view().Node(n.id)
	return row == nil || row.State != state.NodeReady
}

// half says whether it is being lost, and further steps are needed.
func (n *node) half() bool {
	row := n.world.view().Node(n.id)
	return row != nil && row.State == state.NodeLosing
}

// fence kills what may not go on without a lease.
func (n *node) fence() {
	if n.world.now.Before(n.lease) {
		return
	}
	for _, p := range n.processes {
		if p.alive() && !p.keep {
			p.end(state.Exit{Reason: state.ExitStopped, Message: "its lease is over"})
		}
	}
}

// labels are those that the node has now: every second one gets another disk from time to time.
func (n *node) labels() label.Labels {
	disk := "nvme"
	if n.number%2 == 1 && n.world.now.Minute()%20 < 10 {
		disk = "hdd"
	}
	return label.Of(map[string]string{"disk": disk})
}

// register offers the node, with its full inventory.
func (n *node) register() {
	if n.asking || n.losing {
		return
	}
	c := &command.RegisterNode{Node: state.Node{
		ID:           n.id,
		Name:         n.id + ".example",
		Zone:         n.zone,
		Labels:       n.labels(),
		Capacity:     n.capacity,
		Architecture: "X86_64",
		Host:         n.id,
		AgentVersion: "0.1.0",
		BootID:       "boot",
		Releases:     []string{sparkRelease},
	}}
	told := n.statuses()
	for _, s := range told {
		c.Inventory = append(c.Inventory, s.WorkerStatus)
	}
	n.ask(c.Decide, func(err error) {
		if err != nil {
			return // it tries again at its next sync
		}
		n.lease = n.world.now.Add(leaseTime)
		for _, id := range c.Unknown {
			n.kill(id)
		}
		if !c.More { // else it goes on at its next sync
			n.registered = true
			n.acknowledged(told)
		}
	})
}

// ask hands a decision in, one at a time; the answer is lost when the connection is.
func (n *node) ask(decide decide, done func(error)) {
	n.asking = true
	session := n.session
	n.world.execute(decide, func(err error) {
		if session == n.session {
			n.asking = false
			done(err)
		}
	})
}

// disconnect ends the session.
func (n *node) disconnect() {
	n.connected = false
	n.registered = false
	n.asking = false
	n.session++
}

// obey starts and stops what the assignment says, and kills what it does not know.
func (n *node) obey() {
	view := n.world.view()
	for _, p := range n.processes {
		worker := view.Worker(p.worker)
		known := worker != nil && worker.Live() && worker.Node == n.id && worker.Epoch == p.epoch
		if !known && p.alive() {
			n.kill(p.worker)
		}
	}
	for worker := range view.LiveWorkersOfNode(n.id) {
		p := n.process(worker.ID)
		active := view.Attempt(worker.Run, worker.Attempt).State.Active() && worker.Leaving == 0 &&
			!n.world.planner.demands.Stops(worker.Run, worker.Attempt, worker.Number)
		switch {
		case active && p == nil && worker.State == state.WorkerPlaced:
			n.start(worker, view.JobRun(worker.Run))
		case !active && p == nil:
			n.processes = append(n.processes, &process{
				node:   n,
				worker: worker.ID,
				epoch:  worker.Epoch,
				exit:   &state.Exit{Reason: state.ExitStopped, Message: "never started"},
			})
		case !active && p.alive():
			p.stop()
		}
	}
}

func (n *node) process(worker string) *process {
	for _, p := range n.processes {
		if p.worker == worker {
			return p
		}
	}
	return nil
}

func (n *node) kill(worker string) {
	if p := n.process(worker); p != nil {
		p.end(state.Exit{Reason: state.ExitStopped, Message: "not known"})
		p.reported = reportedExit
	}
	n.forgetReported()
}

// report sends what is news, sometimes twice and sometimes again much later.
func (n *node) report() {
	var news []told
	for _, s := range n.statuses() {
		if s.process.reported < s.level {
			news = append(news, s)
		}
	}
	if n.asking || len(news) == 0 {
		return
	}
	c := &command.ReportWorkers{Node: n.id}
	for _, s := range news {
		c.Statuses = append(c.Statuses, s.WorkerStatus)
	}
	again := *c
	n.ask(c.Decide, func(err error) {
		if err == nil {
			n.acknowledged(news[:c.Taken])
		}
	})
	if n.world.faults && n.world.chance(10) {
		n.world.after(n.world.between(0, 30*time.Second), func() { n.world.execute(again.Decide, func(error) {}) })
	}
}

// told is a status, and how much of its process it tells.
type told struct {
	command.WorkerStatus
	process *process
	level   reported
}

func (n *node) statuses() (all []told) {
	for _, p := range n.processes {
		s := told{
			WorkerStatus: command.WorkerStatus{
				WorkerID: p.worker,
				Epoch:    p.epoch,
				Running:  p.running,
				Exit:     p.exit,
			},
			process: p,
		}
		switch {
		case p.exit != nil:
			s.level = reportedExit
		case p.running:
			s.level = reportedRunning
		}
		all = append(all, s)
	}
	return all
}

// acknowledged notes what the servers know now; a process whose end they know is forgotten.
func (n *node) acknowledged(all []told) {
	for _, s := range all {
		s.process.reported = max(s.process.reported, s.level)
	}
	n.forgetReported()
}

func (n *node) forgetReported() {
	var rest []*process
	for _, p := range n.processes {
		if p.reported != reportedExit {
			rest = append(rest, p)
		}
	}
	n.processes = rest
}

// loseNodes is the leader's watch over leases.
func (w *world) loseNodes() {
	for _, n := range w.nodes {
		if n.asking || n.losing || !n.half() && (!n.overdue() || n.lost()) {
			continue
		}
		n.losing = true
		lose := &command.LoseNode{Node: n.id, Reason: "its lease ran out"}
		w.execute(lose.Decide, func(err error) {
			n.losing = false
			switch {
			case err == nil && lose.More:
				w.count.Half++
			case err == nil:
				w.count.Lost++
			}
		})
	}
}

func (n *node) overdue() bool { return n.world.now.After(n.lease.Add(leaseMargin)) }
