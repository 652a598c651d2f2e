package lifecycle

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
)

// slot is a pre-initialised slot of the model.
type slot struct {
	id    string
	role  state.WorkerType
	node  string
	ready bool
	taken bool
}

// application is an application of the model.
type application struct {
	id           string
	auto         bool
	idle         time.Duration
	maxRuns      int
	queueTimeout time.Duration
	want         map[state.WorkerType]int

	state     state.ApplicationState
	again     bool
	idleSince time.Time
	deleted   time.Time
	slots     []*slot
}

func (a *application) preparing() bool {
	return a.state == state.ApplicationStarting || a.state == state.ApplicationStarted
}

// ready says whether every slot that it is to have is ready.
func (a *application) ready() bool {
	for role, want := range a.want {
		ready := 0
		for _, s := range a.slots {
			if s.role == role && s.ready {
				ready++
			}
		}
		if ready < want {
			return false
		}
	}
	return true
}

func (a *application) held(role state.WorkerType) (n int) {
	for _, s := range a.slots {
		if s.role == role {
			n++
		}
	}
	return n
}

// drop gives up the slots for which gone is true.
func (a *application) drop(gone func(*slot) bool) {
	var left []*slot
	for _, s := range a.slots {
		if !gone(s) {
			left = append(left, s)
		}
	}
	a.slots = left
}

// start is what starting means in each state.
func (m *model) start(a *application) {
	switch a.state {
	case state.ApplicationCreated, state.ApplicationStopped:
		a.state = state.ApplicationStarting
		a.again = false
		m.settleStart(a)
	case state.ApplicationStopping:
		a.again = true
	}
}

// settleStart: STARTED only when all slots are ready; then those who waited for it go on, oldest first.
func (m *model) settleStart(a *application) {
	if a.state != state.ApplicationStarting || !a.ready() {
		return
	}
	a.state = state.ApplicationStarted
	a.idleSince = m.now
	for _, r := range m.runsOf(a) {
		if r.state == state.RunSubmitted {
			m.admit(r)
		}
	}
}

// stop cancels everything and frees what is free.
func (m *model) stop(a *application) {
	a.state = state.ApplicationStopping
	a.again = false
	a.drop(func(s *slot) bool { return !s.taken })
	for _, r := range m.runsOf(a) {
		m.cancel(r)
	}
	m.settleStop(a)
}

// settleStop: STOPPED when nothing works and nothing is held; then perhaps started again.
func (m *model) settleStop(a *application) {
	if a.state != state.ApplicationStopping || len(a.slots) > 0 {
		return
	}
	for _, r := range m.runsOf(a) {
		if !r.state.Terminal() && r.state != state.RunSubmitted || len(r.workers) > 0 {
			return
		}
	}
	again := a.again
	a.state = state.ApplicationStopped
	a.again = false
	if again {
		m.start(a)
	}
}

// inTheWay counts the runs for which stopping is refused.
func (m *model) inTheWay(a *application) (n int) {
	for _, r := range m.runsOf(a) {
		if !r.state.Terminal() && !(a.state == state.ApplicationStopping && r.state == state.RunCancelling) {
			n++
		}
	}
	return n
}

func (m *model) unfinished(a *application) bool {
	for _, r := range m.runsOf(a) {
		if !r.state.Terminal() {
			return true
		}
	}
	return false
}

// placeFree says whether one more run may be past QUEUED.
func (m *model) placeFree(a *application) bool {
	inPlace := 0
	for _, r := range m.runsOf(a) {
		switch r.state {
		case state.RunPending, state.RunScheduled, state.RunRunning, state.RunCancelling:
			inPlace++
		}
	}
	return a.maxRuns == 0 || inPlace < a.maxRuns
}
