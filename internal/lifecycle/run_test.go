package lifecycle

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
)

// worker is a live worker of the model.
type worker struct {
	number  int
	node    string
	running bool
	slot    *slot // nil: its own
}

// run is a job run of the model.
type run struct {
	id          string
	application *application
	tasks       int
	attempts    int
	streaming   bool
	maxFailures int
	timeout     time.Duration
	retries     int

	state     state.JobRunState
	attempt   int
	active    bool // its newest attempt has slots and is not over
	entered   time.Time
	started   time.Time
	notBefore time.Time
	failures  []time.Time
	refused   []string // nodes that refused the newest attempt
	workers   []*worker
	done      map[int]bool // tasks that ended well since the attempt was placed
	failed    map[int]int  // how often a task failed since then
}

func (m *model) enter(r *run, to state.JobRunState) {
	r.state = to
	r.entered = m.now
}

// admit gives a run a place or queues it.
func (m *model) admit(r *run) {
	if m.placeFree(r.application) {
		m.enter(r, state.RunPending)
	} else {
		m.enter(r, state.RunQueued)
	}
}

// submit adds a run that was accepted.
func (m *model) submit(r *run) {
	r.attempt = 1
	m.enter(r, state.RunSubmitted)
	m.runs = append(m.runs, r)
	if r.application.state == state.ApplicationStarted {
		m.admit(r)
		return
	}
	m.start(r.application)
}

// end makes a run terminal: its place goes to the oldest in the queue, and its application may be done stopping.
func (m *model) end(r *run, to state.JobRunState) {
	m.enter(r, to)
	r.active = false
	a := r.application
	a.idleSince = m.now
	for _, waiting := range m.runsOf(a) {
		if a.state == state.ApplicationStarted && waiting.state == state.RunQueued && m.placeFree(a) {
			m.enter(waiting, state.RunPending)
		}
	}
	m.settleStop(a)
}

// cancel begins the cancellation, which is over when no worker lives.
func (m *model) cancel(r *run) {
	if r.state.Terminal() || r.state == state.RunCancelling {
		return
	}
	m.enter(r, state.RunCancelling)
	r.active = false
	m.settleCancelled(r)
}

func (m *model) settleCancelled(r *run) {
	if r.state == state.RunCancelling && len(r.workers) == 0 {
		m.end(r, state.RunCancelled)
	}
}

// runs says that a worker's process runs.
func (m *model) begin(r *run, w *worker) {
	if !r.active || w.running {
		return
	}
	w.running = true
	if w.number == 0 && r.state == state.RunScheduled {
		if r.started.IsZero() {
			r.started = m.now
		}
		m.enter(r, state.RunRunning)
	}
}

// leave takes a worker away; its slot is free, or gone where it is needed no longer.
func (m *model) leave(r *run, w *worker) {
	var left []*worker
	for _, other := range r.workers {
		if other != w {
			left = append(left, other)
		}
	}
	r.workers = left
	if w.slot != nil {
		w.slot.taken = false
		if !r.application.preparing() {
			r.application.drop(func(s *slot) bool { return s == w.slot })
		}
	}
}

// exit is a worker's end. A stopped task is no failure; a stopped driver is.
func (m *model) exit(r *run, w *worker, reason state.ExitReason, code int) {
	if reason == state.ExitExited {
		m.begin(r, w)
	}
	m.leave(r, w)
	well := reason == state.ExitExited && code == 0
	switch {
	case !r.active:
		m.settleCancelled(r)
		m.settleStop(r.application)
	case reason == state.ExitStartRefused && r.state == state.RunScheduled:
		m.refuse(r, w.node)
	case w.number == 0 && well:
		m.end(r, state.RunSuccess)
	case w.number == 0:
		m.fail(r)
	case well:
		r.done[w.number] = true
	case reason != state.ExitStopped:
		if r.failed[w.number]++; r.failed[w.number] > r.retries {
			m.fail(r)
		}
	}
}

// missing lists the tasks of a run that neither live nor are done.
func (r *run) missing() (numbers []int) {
	for number := 1; number <= r.tasks; number++ {
		live := r.done[number]
		for _, w := range r.workers {
			live = live || w.number == number
		}
		if !live {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// refuse sends the attempt back to wait, or fails it when three nodes refused.
func (m *model) refuse(r *run, node string) {
	if len(r.refused) == 2 {
		m.fail(r)
		return
	}
	r.refused = append(r.refused, node)
	r.active = false
	m.enter(r, state.RunPending)
}

// fail ends the attempt; with a retry left the run waits for its pause.
func (m *model) fail(r *run) {
	r.active = false
	r.failures = append(r.failures, m.now)
	lately := 0
	for _, at := range r.failures {
		if m.now.Sub(at) < time.Hour {
			lately++
		}
	}
	if r.streaming && lately >= r.maxFailures || !r.streaming && r.attempt >= r.attempts {
		m.end(r, state.RunFailed)
		return
	}
	pause := time.Second
	for range min(lately, 10) - 1 {
		pause = min(2*pause, time.Minute)
	}
	r.attempt = r.attempt + 1
	r.refused = nil
	r.notBefore = m.now.Add(pause)
	m.enter(r, state.RunPending)
}

// expire applies the deadline of a run's state.
func (m *model) expire(r *run) {
	waited := m.now.Sub(r.entered)
	switch {
	case r.state >= state.RunCancelling:
	case r.timeout > 0 && !r.started.IsZero() && m.now.Sub(r.started) > r.timeout:
		m.cancel(r)
	case r.state == state.RunSubmitted && waited > 15*time.Minute, r.state == state.RunPending && waited > 6*time.Hour,
		r.state == state.RunQueued && waited > r.application.queueTimeout:
		m.end(r, state.RunFailed)
	case r.state == state.RunScheduled && waited > 10*time.Minute:
		for _, w := range r.workers {
			if w.number == 0 {
				m.refuse(r, w.node)
			}
		}
	}
}
