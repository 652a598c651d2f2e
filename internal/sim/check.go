package sim

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/label"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// checks holds what was seen, to be compared with what is seen later.
type checks struct {
	world     *world
	entries   int // of the log that some server has applied
	digests   map[uint64][sha256.Size]byte
	histories map[uint64][sha256.Size]byte
	moves     map[string]bool
	acked     []string // runs whose submission was acknowledged
}

func newChecks(w *world) checks {
	return checks{
		world:     w,
		digests:   map[uint64][sha256.Size]byte{},
		histories: map[uint64][sha256.Size]byte{},
		moves:     map[string]bool{},
	}
}

// record checks a record that is applied for the first time, event by event.
func (c *checks) record(before *state.View, record *eventv1.Record) {
	for i, event := range record.GetEvents() {
		after := fsm.ApplyEvents(before, &eventv1.Record{
			Sequence:     record.GetSequence(),
			TimeUnixNano: record.GetTimeUnixNano(),
			Events:       []*eventv1.Event{event},
		})
		if err := after.Check(); err != nil {
			c.world.fail("after event %d (%v): %v", i+1, event, err)
		}
		c.count(event)
		c.constraints(before, event)
		c.capacity(before, after, event)
		c.transitions(before, after, event)
		before = after
		c.world.count.Events++
	}
}

func (c *checks) count(event *eventv1.Event) {
	c.world.count.Slots += len(event.GetSlotsReserved().GetSlotIds())
	c.world.count.Assigned += len(event.GetWorkersAssigned().GetWorkers())
	if event.GetJobRunQueued() != nil {
		c.world.count.Queued++
	}
}

// constraints holds that workers and slots are placed on nodes only that meet what was said of their labels.
func (c *checks) constraints(before *state.View, event *eventv1.Event) {
	for _, placed := range []interface {
		GetJobRunId() string
		GetNodeId() string
	}{event.GetWorkersPlaced(), event.GetWorkersAssigned()} {
		if run := before.JobRun(placed.GetJobRunId()); run != nil {
			c.meets(before, placed.GetNodeId(), run.Nodes(before.Application(run.Application)))
		}
	}
	if slots := event.GetSlotsReserved(); slots != nil {
		c.meets(before, slots.GetNodeId(), before.Application(slots.GetApplicationId()).Nodes)
	}
}

func (c *checks) meets(view *state.View, node string, rules *label.Rules) {
	if where := rules.Where(); !where.Holds(view.Node(node).Labelled()) {
		c.world.fail("node %s with %s is given work that needs %s", node, view.Node(node).Labels, where)
	}
}

// capacity holds that the account's quota is kept (I3), that an application is STARTED only with all of its slots
// ready, and that one which does not run holds none.
func (c *checks) capacity(before, after *state.View, event *eventv1.Event) {
	if used, quota := after.Used().MilliCPU, c.world.limits.AccountCPU; quota > 0 && used > quota {
		c.world.fail("I3: the account may use %d thousandths of a vCPU, and uses %d", quota, used)
	}
	changed := event.GetApplicationStateChanged()
	if changed == nil {
		return
	}
	row := after.Application(changed.GetApplicationId())
	if missing := command.PoolMissing(before, row); row.State == state.ApplicationStarted && missing != "" {
		c.world.fail("application %s is STARTED, %s", row.ID, missing)
	}
	if row.State == state.ApplicationStopped && !after.UsedOfApplication(row.ID).IsZero() {
		c.world.fail("application %s is STOPPED and holds %s", row.ID, after.UsedOfApplication(row.ID))
	}
}

// The states that may follow a state.
func runMoves(from state.JobRunState) []state.JobRunState {
	switch from {
	case state.RunSubmitted:
		return []state.JobRunState{state.RunQueued, state.RunPending, state.RunCancelling, state.RunFailed}
	case state.RunQueued:
		return []state.JobRunState{state.RunPending, state.RunCancelling, state.RunFailed}
	case state.RunPending:
		return []state.JobRunState{state.RunScheduled, state.RunCancelling, state.RunFailed}
	case state.RunScheduled:
		return []state.JobRunState{state.RunRunning, state.RunPending, state.RunCancelling, state.RunSuccess, state.RunFailed}
	case state.RunRunning:
		return []state.JobRunState{state.RunPending, state.RunCancelling, state.RunSuccess, state.RunFailed}
	case state.RunCancelling:
		return []state.JobRunState{state.RunCancelled}
	}
	return nil // a terminal state is for ever
}

func attemptMoves(from state.AttemptState) []state.AttemptState {
	switch from {
	case state.AttemptWaiting:
		return []state.AttemptState{state.AttemptScheduled, state.AttemptFailed, state.AttemptCancelled}
	case state.AttemptScheduled:
		return []state.AttemptState{
			state.AttemptRunning,
			state.AttemptWaiting,
			state.AttemptSucceeded,
			state.AttemptFailed,
			state.AttemptCancelled,
		}
	case state.AttemptRunning:
		return []state.AttemptState{state.AttemptSucceeded, state.AttemptFailed, state.AttemptCancelled}
	}
	return nil
}

// transitions holds that a run and its attempt move along the graph, and make each move once (I5, I12). An attempt that
// nodes refuse goes the same way again for each of them.
func (c *checks) transitions(before, after *state.View, event *eventv1.Event) {
	id := runOf(before, event)
	was := before.JobRun(id)
	is := after.JobRun(id)
	if was == nil || is == nil {
		return
	}
	if was.State == state.RunSubmitted && is.State == state.RunFailed &&
		len(after.Application(is.Application).Initial) == 0 {
		c.world.fail(
			"run %s waited in vain: %s",
			id,
			is.Failure.Message,
		) // an application takes less than two minutes to stop here
	}
	if !is.Streaming() && is.Counted() > is.Spec.GetRetryPolicy().GetMaxAttempts() {
		c.world.fail("run %s is at attempt %d of at most %d", id, is.Counted(), is.Spec.GetRetryPolicy().GetMaxAttempts())
	}
	if was.State != is.State {
		c.move(
			slices.Contains(runMoves(was.State), is.State),
			after,
			is,
			fmt.Sprintf("run %s: %s to %s", id, was.State, is.State),
		)
	}
	old := before.Attempt(id, was.Attempt)
	now := after.Attempt(id, was.Attempt)
	if old.State != now.State {
		c.move(
			slices.Contains(attemptMoves(old.State), now.State),
			after,
			is,
			fmt.Sprintf("attempt %s/%d: %s to %s", id, was.Attempt, old.State, now.State),
		)
	}
}

func (c *checks) move(allowed bool, after *state.View, run *state.JobRun, move string) {
	once := fmt.Sprintf(
		"%s in attempt %d after %d refusals",
		move,
		run.Attempt,
		len(after.Attempt(run.ID, run.Attempt).Refused),
	)
	if !allowed || c.moves[once] {
		c.world.fail("I5: %s (allowed %t, done before %t)", once, allowed, c.moves[once])
	}
	c.moves[once] = true
}

// runOf names the run that an event is about.
func runOf(view *state.View, event *eventv1.Event) string {
	m := event.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("fact"))
	fact := m.Get(field).Message()
	if id := fact.Descriptor().Fields().ByName("job_run_id"); id != nil {
		return fact.Get(id).String()
	}
	return ""
}

// same holds that a server is what the others were at this record (I6, I11). The digest reads everything, so only some
// records are compared by it; a difference does not go away.
func (c *checks) same(r *replica) {
	n := r.machine.View().Sequence
	if first, seen := c.histories[n]; seen && first != r.history {
		c.world.fail("I6: two servers have different records up to %d", n)
	}
	c.histories[n] = r.history
	if n%16 != 0 {
		return
	}
	digest := fsm.Digest(r.machine.View())
	if first, seen := c.digests[n]; seen && first != digest {
		c.world.fail("I11: two servers have different states at record %d", n)
	}
	c.digests[n] = digest
}

// keptAcks holds that every acknowledged run is there (I7).
func (c *checks) keptAcks(view *state.View) {
	for _, run := range c.acked {
		if view.JobRun(run) == nil {
			c.world.fail("I7: run %s was acknowledged and is not there", run)
		}
	}
}

// started holds that a process is the only one of its part: a replacement never runs beside the original (I4, I8).
func (c *checks) started(p *process) {
	for _, n := range c.world.nodes {
		for _, q := range n.processes {
			if q != p && q.alive() && q.run == p.run && (q.attempt != p.attempt || q.number == p.number) {
				c.world.fail(
					"I8: worker %s of run %s (attempt %d, number %d, epoch %d) starts beside worker %s (attempt %d, epoch %d) on %s",
					p.worker,
					p.run,
					p.attempt,
					p.number,
					p.epoch,
					q.worker,
					q.attempt,
					q.epoch,
					n.id,
				)
			}
		}
	}
}

// checkEnd holds what has to be true when all is over.
func (w *world) checkEnd() {
	for _, r := range w.replicas {
		r.catchUp()
		r.restart()
		w.checks.keptAcks(r.machine.View())
		if r.machine.View().Sequence != w.view().Sequence || fsm.Digest(r.machine.View()) != fsm.Digest(w.view()) {
			w.fail("I11: the servers end in different states")
		}
	}
}
