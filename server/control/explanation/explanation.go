package explanation

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// The kinds of wait that the scheduler does not see.
const (
	NotStarted scheduler.WaitKind = "APPLICATION_NOT_STARTED"
	Queued     scheduler.WaitKind = "QUEUED"
)

// Plan is what the newest plan of the scheduler left waiting.
type Plan interface {
	// Explain returns why a run waits.
	Explain(run string) (scheduler.Wait, bool)
	// ExplainApplication returns why pre-initialised slots of an application are missing.
	ExplainApplication(id string) (scheduler.Wait, bool)
	// Promise returns what is promised to a run.
	Promise(run string) (scheduler.Promise, bool)
}

// Source is the run that is explained, and what the explanation is made from.
type Source struct {
	View   *state.View
	Run    *state.JobRun
	Plan   Plan
	Limits command.Limits
	// Progress returns what a node says that it does; nil: nobody says anything.
	Progress func(node string) *agentv1.Progress
}

// Explanation is what a run waits for. A zero Kind says that it does not wait.
type Explanation struct {
	Kind     scheduler.WaitKind
	Message  string    // with numbers
	Holders  []Holder  // who holds what the run waits for, the largest first, at most ten
	NextStep string    // with a command to run, where one helps
	Details  string    // why the run failed, if it is over; it may repeat what a program said
	Copies   []Copy    // of its release, to nodes that it waits for
	Promised []string  // names of the nodes that are promised to it, at most maxPromised
	Until    time.Time // when it has them at worst
	// Spark is how far the jobs of its driver are; nil: none runs, or nobody says it.
	Spark *agentv1.SparkProgress
}

// Of explains a run.
func Of(s Source) Explanation {
	e := s.explain()
	e.Copies = s.copies()
	e.Spark = s.spark()
	switch {
	case e.Spark != nil:
		e.Message += ": " + stages(e.Spark)
	case len(e.Copies) > 0:
		e.Message += ": " + told(e.Copies)
	}
	return e
}

// explain says what a run waits for, as far as the state and the newest plan do.
func (s Source) explain() Explanation {
	switch {
	case s.Run.State == state.RunSubmitted:
		return s.submitted()
	case s.Run.State == state.RunQueued:
		return s.queued()
	case !s.Run.State.Terminal():
		if wait, waits := s.Plan.Explain(s.Run.ID); waits && wait.Kind != NotStarted && wait.Kind != Queued {
			return s.waiting(wait)
		}
	}
	if s.Run.State == state.RunPending {
		return Explanation{
			Kind:     scheduler.WaitNextPlan,
			Message:  "the next plan of the scheduler decides on it",
			NextStep: s.nextStep(scheduler.WaitNextPlan, nil),
		}
	}
	return Explanation{Message: doing(s.Run), Details: s.Run.Failure.Message}
}

func (s Source) application() *state.Application { return s.View.Application(s.Run.Application) }

// until says when a wait that began when the run entered its state becomes a failure.
func (s Source) until(limit time.Duration) string {
	return fmt.Sprintf("; it fails if it still waits at %s", s.Run.Entered.Add(limit).UTC().Format(time.RFC3339))
}

// doing says what a run that does not wait does.
func doing(run *state.JobRun) string {
	switch run.State {
	case state.RunScheduled:
		return "its workers have slots; their nodes fetch what they need and start them"
	case state.RunRunning:
		return "its driver runs"
	case state.RunCancelling:
		return "it is being cancelled: its workers are stopped"
	}
	return "it is over"
}
