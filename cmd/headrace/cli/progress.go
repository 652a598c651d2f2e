package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// progress shows how a run gets on: a line for each change, or one line that changes in place on a terminal.
type progress struct {
	env     Env
	mu      sync.Mutex // guards what follows: events and reasons come from two goroutines
	process bool       // the run is of type PROCESS, and has no jobs
	shown   string     // the run's state
	why     string     // why it waits or how far its jobs are, as it was shown last
	staged  time.Time  // when it was asked how far its jobs are
	live    int        // workers that hold a slot
	inPlace bool       // the line on the terminal is not ended
}

func newProgress(env Env) *progress { return &progress{env: env} }

// state shows the state that was read, unless the events already told it.
func (p *progress) state(r *controlv1.JobRun) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live = int(r.GetLiveWorkers())
	p.process = r.GetSpec().GetDriver().HasProcess()
	if r.GetState() == p.shown {
		return
	}
	p.shown = r.GetState()
	text := p.shown
	if !over(p.shown) && r.GetLiveWorkers() > 0 {
		text += fmt.Sprintf(", %d workers", r.GetLiveWorkers())
	}
	p.line(output.Clock(r.GetUpdatedAt()), text)
}

// event shows a change.
func (p *progress) event(e *controlv1.WatchEventsResponse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text(e)
	if text != "" {
		p.line(output.Clock(e.GetTime()), text)
	}
}

// text says what an event means to people who wait for the run; empty if nothing.
func (p *progress) text(e *controlv1.WatchEventsResponse) string {
	switch e.GetKind() {
	case "JobRunSubmitted", "JobRunTagged", "RequestCompleted":
		return ""
	case "JobRunQueued":
		return p.enter("QUEUED", "its application runs as many at once as it may")
	case "JobRunAdmitted":
		return p.enter("PENDING", "waits for room")
	case "AttemptCreated":
		return p.enter("PENDING", fmt.Sprintf("attempt %d waits for room", e.GetAttempt()))
	case "AttemptScheduled":
		return p.enter("SCHEDULED", "driver and first workers are placed")
	case "AttemptReturned":
		return p.enter("PENDING", "a node refused to start it; waits for another one")
	case "AttemptRunning":
		return p.enter("RUNNING", "")
	case "AttemptEnded":
		return fmt.Sprintf("%-10s attempt %d ended %s", p.shown, e.GetAttempt(), e.GetState())
	case "JobRunCancelRequested":
		return p.enter("CANCELLING", "its workers are stopped")
	case "JobRunEnded":
		return p.enter(e.GetState(), "")
	}
	return p.workers(e)
}

// enter notes the state that an event leads to.
func (p *progress) enter(state, text string) string {
	p.shown = state
	return strings.TrimSpace(fmt.Sprintf("%-10s %s", state, text))
}

// workers says what an event about workers means.
func (p *progress) workers(e *controlv1.WatchEventsResponse) string {
	text := e.GetKind()
	switch text {
	case "WorkersPlaced":
		p.live += int(e.GetWorkers())
		text = fmt.Sprintf("%d %s placed, %d in all", e.GetWorkers(), plural(e.GetWorkerType(), e.GetWorkers()), p.live)
	case "WorkersAssigned":
		p.live += int(e.GetWorkers())
		text = fmt.Sprintf("%d %s in pre-initialised slots, %d in all", e.GetWorkers(),
			plural(e.GetWorkerType(), e.GetWorkers()), p.live)
	case "WorkerRunning":
		text = about(e) + " runs" + began(e)
	case "WorkerStarved":
		text = about(e) + " lost a process that the kernel killed for memory"
	case "WorkerEnded":
		p.live = max(p.live-1, 0)
		text = fmt.Sprintf("%s ended, %d left", about(e), p.live)
	}
	return fmt.Sprintf("%-10s %s", p.shown, text)
}

// began says how a worker in a pre-initialised slot was started; nothing for another one.
func began(e *controlv1.WatchEventsResponse) string {
	switch {
	case e.GetWarm():
		return ", warm"
	case e.GetCold():
		return ", cold"
	}
	return ""
}

// plural names workers of a type.
func plural(kind string, n uint32) string {
	if n == 1 {
		return strings.ToLower(kind)
	}
	return strings.ToLower(kind) + "s"
}

// about names the worker of an event.
func about(e *controlv1.WatchEventsResponse) string {
	name := strings.ToLower(e.GetWorkerType())
	switch name {
	case "":
		return "a worker"
	case "driver":
		return "the driver"
	}
	return fmt.Sprintf("%s %d", name, e.GetWorkerNumber())
}

func (p *progress) line(clock, text string) {
	if p.env.Terminal {
		_ = output.Rewrite(p.env.Err, p.env.ErrWidth, "%s  %s", clock, text)
		p.inPlace = true
		return
	}
	_ = output.Line(p.env.Err, "%s  %s", clock, text)
}

// end ends the line on a terminal.
func (p *progress) end() {
	if p.inPlace {
		_ = output.Line(p.env.Err, "")
	}
}
