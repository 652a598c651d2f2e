package lifecycle

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// TestLifecycle_IsThatOfTheModel puts the same commands, reports and passing time to both.
func TestLifecycle_IsThatOfTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"":             func(*rapid.T) { w.compare() },
			"create":       w.create,
			"start":        w.startOne,
			"stop":         w.stopOne,
			"delete":       w.deleteOne,
			"update":       w.updateOne,
			"idle":         w.stopIdle,
			"submit":       w.submitOne,
			"submit again": w.submitOne,
			"cancel":       w.cancelOne,
			"expire":       w.expireAll,
			"reserve":      w.reserve,
			"reserve more": w.reserve,
			"prepare":      w.prepare,
			"prepare more": w.prepare,
			"place":        w.place,
			"place more":   w.place,
			"place most":   w.place,
			"grow":         w.grow,
			"run":          w.beginOne,
			"run more":     w.beginOne,
			"exit":         w.exitOne,
			"exit more":    w.exitOne,
			"lose":         w.loseOne,
			"return":       w.returnOne,
			"wait":         w.wait,
		})
	})
}

// one draws one of a list; the action is skipped when there is none.
func one[T any](t *rapid.T, what string, from []T) T {
	if len(from) == 0 {
		t.Skip("no", what)
	}
	return rapid.SampledFrom(from).Draw(t, what)
}

func (w *world) create(t *rapid.T) {
	if len(w.applications) == 3 {
		t.Skip("enough applications")
	}
	a := &application{
		auto:         rapid.Bool().Draw(t, "auto"),
		idle:         rapid.SampledFrom([]time.Duration{0, 15 * time.Minute}).Draw(t, "idle"),
		maxRuns:      rapid.IntRange(0, 2).Draw(t, "runs at once"),
		queueTimeout: 30 * time.Minute,
		want:         map[state.WorkerType]int{},
		state:        state.ApplicationCreated,
		idleSince:    w.now,
	}
	stop := specv1.AutoStop_builder{Enabled: new(a.idle > 0)}
	if a.idle > 0 {
		stop.IdleTimeoutMinutes = new(int64(a.idle / time.Minute))
	}
	decided := specv1.Application_builder{
		Name:            new("app"),
		Engine:          new(specv1.Engine_ENGINE_PROCESS),
		AutoStart:       specv1.AutoStart_builder{Enabled: &a.auto}.Build(),
		AutoStop:        stop.Build(),
		Scheduler:       scheduler(a.maxRuns, a.queueTimeout),
		InitialCapacity: drawInitial(t, a),
	}
	c := &command.CreateApplication{Spec: spec.DefaultApplication(decided.Build()), CreatedBy: "ann"}
	w.accepted(c)
	a.id = c.ApplicationID
	w.applications = append(w.applications, a)
}

// scheduler lets so many runs have a place at once; 0: all.
func scheduler(runs int, timeout time.Duration) *specv1.Scheduler {
	if runs == 0 {
		return nil
	}
	return specv1.Scheduler_builder{
		MaxConcurrentRuns:   new(uint32(runs)),
		QueueTimeoutMinutes: new(int64(timeout / time.Minute)),
	}.Build()
}

// roles are how users call the types of workers.
var roles = map[state.WorkerType]string{state.TypeDriver: "Driver", state.TypeTask: "Task"}

// drawInitial draws the slots that an application is to have, for the model and the real one.
func drawInitial(t *rapid.T, a *application) map[string]*specv1.InitialCapacity {
	a.want = map[state.WorkerType]int{}
	initial := map[string]*specv1.InitialCapacity{}
	for _, role := range []state.WorkerType{state.TypeDriver, state.TypeTask} {
		if n := rapid.IntRange(0, 2).Draw(t, role.String()); n > 0 {
			a.want[role] = n
			initial[roles[role]] = specv1.InitialCapacity_builder{
				WorkerCount: new(int64(n)),
				WorkerSize:  specv1.WorkerSize_builder{MilliCpu: new(int64(1000)), MemoryMib: new(int64(2048))}.Build(),
			}.Build()
		}
	}
	return initial
}

func (w *world) startOne(t *rapid.T) {
	a := one(t, "application", w.applications)
	c := &command.StartApplication{ApplicationID: a.id}
	if a.state == state.ApplicationTerminated {
		w.refused(c, w.deletedKind(a))
		return
	}
	w.accepted(c)
	w.start(a)
}

// deletedKind is how a command about an application is refused: a deleted one is not found a day later.
func (w *world) deletedKind(a *application) errs.Kind {
	if a.state == state.ApplicationTerminated && w.now.Sub(a.deleted) > 24*time.Hour {
		return errs.NotFound
	}
	return errs.WrongState
}

func (w *world) stopOne(t *rapid.T) {
	a := one(t, "application", w.applications)
	force := rapid.Bool().Draw(t, "force")
	c := &command.StopApplication{ApplicationID: a.id, Force: force}
	if a.state == state.ApplicationTerminated || w.inTheWay(a) > 0 && !force {
		w.refused(c, w.deletedKind(a))
		return
	}
	w.accepted(c)
	if a.state != state.ApplicationStopped {
		w.stop(a)
	}
}

func (w *world) deleteOne(t *rapid.T) {
	a := one(t, "application", w.applications)
	c := &command.DeleteApplication{ApplicationID: a.id}
	switch a.state {
	case state.ApplicationCreated, state.ApplicationStopped, state.ApplicationTerminated:
		w.accepted(c)
		if a.state != state.ApplicationTerminated {
			a.state = state.ApplicationTerminated
			a.deleted = w.now
		}
	default:
		w.refused(c, errs.WrongState)
	}
}

// updateOne draws anew what an application is to have; only one that rests takes it.
func (w *world) updateOne(t *rapid.T) {
	a := one(t, "application", w.applications)
	drawn := &application{}
	initial := drawInitial(t, drawn)
	maxRuns := rapid.IntRange(0, 2).Draw(t, "runs at once")
	other := specv1.Application_builder{
		InitialCapacity: initial,
		Scheduler:       scheduler(maxRuns, a.queueTimeout),
	}.Build()
	change := func(was *specv1.Application) (*specv1.Application, error) {
		return spec.Replace(was, other, []string{"initial_capacity", "scheduler"})
	}
	c := &command.UpdateApplication{ApplicationID: a.id, Change: change}
	if a.state != state.ApplicationCreated && a.state != state.ApplicationStopped {
		w.refused(c, w.deletedKind(a))
		return
	}
	w.accepted(c)
	a.want = drawn.want
	a.maxRuns = maxRuns
}

func (w *world) stopIdle(t *rapid.T) {
	a := one(t, "application", w.applications)
	w.accepted(&command.StopIdleApplication{ApplicationID: a.id})
	if a.state == state.ApplicationStarted && a.idle > 0 && w.now.Sub(a.idleSince) > a.idle && !w.unfinished(a) {
		w.stop(a)
	}
}

func (w *world) submitOne(t *rapid.T) {
	a := one(t, "application", w.applications)
	r := &run{
		application: a,
		tasks:       rapid.IntRange(0, 2).Draw(t, "tasks"),
		attempts:    rapid.IntRange(1, 3).Draw(t, "attempts"),
		retries:     rapid.IntRange(0, 1).Draw(t, "retries"),
		streaming:   rapid.IntRange(0, 3).Draw(t, "streaming") == 0,
		timeout:     rapid.SampledFrom([]time.Duration{0, 10 * time.Minute}).Draw(t, "timeout"),
	}
	if r.streaming {
		r.attempts = 1
		r.maxFailures = rapid.IntRange(1, 3).Draw(t, "failures")
		r.timeout = 0
	}
	c := &command.StartJobRun{ApplicationID: a.id, Spec: said(r), CreatedBy: "ann"}
	if a.state == state.ApplicationTerminated || a.state != state.ApplicationStarted && !a.auto {
		w.refused(c, w.deletedKind(a))
		return
	}
	w.accepted(c)
	r.id = c.JobRunID
	w.submit(r)
}

// said is what the user of a run says of it. Its workers hold 1 vCPU and 2 GB, as slots do.
func said(r *run) *specv1.JobRun {
	program := specv1.Process_builder{
		Command:     []string{"work"},
		Tasks:       new(uint32(r.tasks)),
		TaskRetries: new(uint32(r.retries)),
	}.Build()
	body := specv1.JobRun_builder{
		Driver:                  specv1.JobDriver_builder{Process: program}.Build(),
		ExecutionTimeoutMinutes: new(int64(r.timeout / time.Minute)),
		RetryPolicy:             specv1.RetryPolicy_builder{MaxAttempts: new(uint32(r.attempts))}.Build(),
	}
	if r.streaming {
		body.Mode = new(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		body.RetryPolicy = specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(r.maxFailures))}.Build()
	}
	return spec.DefaultJobRun(body.Build())
}

func (w *world) cancelOne(t *rapid.T) {
	r := one(t, "run", w.runs)
	w.accepted(&command.CancelJobRun{ApplicationID: r.application.id, JobRunID: r.id})
	w.cancel(r)
}

func (w *world) expireAll(*rapid.T) {
	for _, r := range w.runs {
		w.accepted(&command.ExpireJobRun{JobRunID: r.id, Waits: "no room"})
		w.expire(r)
	}
}

// wait lets time pass: seconds, or enough for one of the deadlines.
func (w *world) wait(t *rapid.T) {
	waits := []time.Duration{
		time.Second,
		5 * time.Second,
		time.Minute,
		11 * time.Minute,
		31 * time.Minute,
		7 * time.Hour,
	}
	w.now = w.now.Add(rapid.SampledFrom(waits).Draw(t, "wait"))
}

// reserve proposes as many slots as are missing, or one too many.
func (w *world) reserve(t *rapid.T) {
	a := one(t, "application", w.applications)
	role := rapid.SampledFrom([]state.WorkerType{state.TypeDriver, state.TypeTask}).Draw(t, "role")
	node := rapid.SampledFrom(nodes).Draw(t, "node")
	missing := a.want[role] - a.held(role)
	count := missing + rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(t, "too many")
	c := &command.ReserveSlots{
		ApplicationID: a.id,
		Type:          role,
		Shares:        []command.Share{{Node: node, Count: uint32(max(count, 1))}},
	}
	if !a.preparing() || w.lost[node] || max(count, 1) > missing {
		w.refused(c, errs.Refused)
		return
	}
	w.accepted(c)
	for real := range w.view.PoolOfApplication(a.id) {
		if real.Type == role && !slices.ContainsFunc(a.slots, func(s *slot) bool { return s.id == real.ID }) {
			a.slots = append(a.slots, &slot{id: real.ID, role: role, node: node})
		}
	}
}

// prepare reports of a slot that it is ready, or that it cannot be prepared.
func (w *world) prepare(t *rapid.T) {
	a := one(t, "application", w.applications)
	s := one(t, "slot", a.slots)
	if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
		w.accepted(&command.ReportSlots{Node: s.node, Statuses: []command.SlotStatus{{SlotID: s.id, Error: "no release"}}})
		a.drop(func(other *slot) bool { return other == s && !s.taken })
		return
	}
	w.accepted(&command.ReportSlots{Node: s.node, Statuses: []command.SlotStatus{{SlotID: s.id, Ready: true}}})
	s.ready = true
	w.settleStart(a)
}

// place proposes an attempt whole: pre-initialised slots first, the rest on one node.
func (w *world) place(t *rapid.T) {
	r := one(t, "run", w.waiting(t))
	node := rapid.SampledFrom(nodes).Draw(t, "node")
	c := &command.Place{JobRunID: r.id, Attempt: uint32(r.attempt), Zone: "a", Driver: node}
	taken := []*worker{{number: 0, node: node}}
	if s := w.freeSlot(r, state.TypeDriver, nil); s != nil {
		c.Driver = s.node
		c.DriverSlot = s.id
		taken[0].node = s.node
		taken[0].slot = s
	}
	for number := 1; number <= r.tasks; number++ {
		of := &worker{number: number, node: node, slot: w.freeSlot(r, state.TypeTask, taken)}
		if of.slot != nil {
			of.node = of.slot.node
			c.Slots = append(c.Slots, of.slot.id)
		} else if len(c.Shares) == 0 {
			c.Shares = []command.Share{{Node: node, Count: 1}}
		} else {
			c.Shares[0].Count++
		}
		taken = append(taken, of)
	}
	if len(r.workers) > 0 || w.now.Before(r.notBefore) ||
		slices.ContainsFunc(taken, func(of *worker) bool { return w.lost[of.node] || slices.Contains(r.refused, of.node) }) {
		w.refused(c, errs.Refused)
		return
	}
	w.accepted(c)
	for _, of := range taken {
		if of.slot != nil {
			of.slot.taken = true
		}
	}
	r.workers = taken
	r.active = true
	r.done = map[int]bool{}
	r.failed = map[int]int{}
	w.enter(r, state.RunScheduled)
}

// grow proposes the first missing task of an attempt again.
func (w *world) grow(t *rapid.T) {
	r := one(t, "run", w.live())
	node := rapid.SampledFrom(nodes).Draw(t, "node")
	c := &command.Place{
		JobRunID: r.id,
		Attempt:  uint32(r.attempt),
		Zone:     "a",
		Shares:   []command.Share{{Node: node, Count: 1}},
	}
	missing := r.missing()
	if !r.active || len(missing) == 0 || w.lost[node] || slices.Contains(r.refused, node) {
		w.refused(c, errs.Refused)
		return
	}
	w.accepted(c)
	r.workers = append(r.workers, &worker{number: missing[0], node: node})
}

func (w *world) waiting(*rapid.T) (runs []*run) {
	for _, r := range w.runs {
		if r.state == state.RunPending {
			runs = append(runs, r)
		}
	}
	return runs
}

// freeSlot finds a slot for a worker that none of the others takes.
func (w *world) freeSlot(r *run, role state.WorkerType, others []*worker) *slot {
	for _, s := range r.application.slots {
		if s.role == role && s.ready && !s.taken &&
			!slices.ContainsFunc(others, func(of *worker) bool { return of.slot == s }) {
			return s
		}
	}
	return nil
}

// live yields the runs that have workers.
func (w *world) live() (runs []*run) {
	for _, r := range w.runs {
		if len(r.workers) > 0 {
			runs = append(runs, r)
		}
	}
	return runs
}

func (w *world) beginOne(t *rapid.T) {
	r := one(t, "run", w.live())
	of := one(t, "worker", r.workers)
	w.accepted(w.report(r, of, nil))
	w.begin(r, of)
}

// ends are the ways in which a worker can end.
var ends = []state.Exit{
	{Reason: state.ExitExited},
	{Reason: state.ExitExited},
	{Reason: state.ExitExited, Code: 1},
	{Reason: state.ExitStopped, Code: 143},
	{Reason: state.ExitStartRefused, Message: "the disk is full"},
}

func (w *world) exitOne(t *rapid.T) {
	r := one(t, "run", w.live())
	of := one(t, "worker", r.workers)
	exit := rapid.SampledFrom(ends).Draw(t, "exit")
	if exit.Reason == state.ExitStartRefused && (of.running || r.active && r.state != state.RunScheduled) {
		t.Skip("it was started")
	}
	w.accepted(w.report(r, of, &exit))
	w.exit(r, of, exit.Reason, int(exit.Code))
}

func (w *world) loseOne(t *rapid.T) {
	node := rapid.SampledFrom(nodes).Draw(t, "node")
	if w.lost[node] {
		t.Skip("lost already")
	}
	w.accepted(&command.LoseNode{Node: node, Reason: "its lease ran out"})
	w.lose(node, func(r *run, of *worker) { w.exit(r, of, state.ExitNodeLost, 0) })
}

func (w *world) returnOne(t *rapid.T) {
	node := rapid.SampledFrom(nodes).Draw(t, "node")
	if !w.lost[node] {
		t.Skip("not lost")
	}
	w.offer(node)
}
