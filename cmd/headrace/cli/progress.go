package cli

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// progress shows how a run gets on: a line for each change, or one line that changes in place on a terminal.
type progress struct {
	env     Env
	shown   string // the run's state
	running int    // workers that run
	placed  int    // workers that got a slot
	inPlace bool   // the line on the terminal is not ended
}

func newProgress(env Env) *progress { return &progress{env: env} }

// state shows the state that was read, unless the events already told it.
func (p *progress) state(r *controlv1.JobRun) {
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
	text := p.text(e)
	if text != "" {
		p.line(output.Clock(e.GetTime()), text)
	}
}

// text says what an event means to who waits; empty if nothing.
func (p *progress) text(e *controlv1.WatchEventsResponse) string {
	switch e.GetKind() {
	case "JobRunSubmitted", "RequestCompleted":
		return ""
	case "JobRunAdmitted":
		return p.enter("PENDING", "waits for room")
	case "AttemptCreated":
		p.placed, p.running = 0, 0
		return p.enter("PENDING", fmt.Sprintf("attempt %d waits for room", e.GetAttempt()))
	case "AttemptScheduled":
		return p.enter("SCHEDULED", "driver and first workers have their places")
	case "AttemptReturned":
		return p.enter("PENDING", "a node refused to start it; waits for another one")
	case "AttemptRunning":
		return p.enter("RUNNING", "the driver runs")
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
	switch e.GetKind() {
	case "WorkersPlaced":
		p.placed += int(e.GetWorkers())
	case "WorkerRunning":
		p.running++
	case "WorkerEnded":
		p.running, p.placed = max(p.running-1, 0), max(p.placed-1, 0)
	default:
		return fmt.Sprintf("%-10s %s", p.shown, e.GetKind())
	}
	if e.GetKind() == "WorkerEnded" {
		return fmt.Sprintf("%-10s %s%d still run", p.shown, about(e), p.running)
	}
	return fmt.Sprintf("%-10s %s%d of %d run", p.shown, about(e), p.running, p.placed)
}

// about names the worker of an event.
func about(e *controlv1.WatchEventsResponse) string {
	name := strings.ToLower(e.GetWorkerType())
	switch {
	case e.GetKind() == "WorkersPlaced":
		return fmt.Sprintf("%d placed; ", e.GetWorkers())
	case name == "":
		return ""
	case name != "driver":
		name += fmt.Sprintf(" %d", e.GetWorkerNumber())
	}
	if e.GetKind() == "WorkerEnded" {
		return name + " ended; "
	}
	return name + " runs; "
}

func (p *progress) line(clock, text string) {
	if p.env.Terminal {
		_, _ = fmt.Fprintf(p.env.Err, "\r\x1b[K%s  %s", clock, text)
		p.inPlace = true
		return
	}
	_, _ = fmt.Fprintf(p.env.Err, "%s  %s\n", clock, text)
}

// end ends the line on a terminal.
func (p *progress) end() {
	if p.inPlace {
		_, _ = fmt.Fprintln(p.env.Err)
	}
}
