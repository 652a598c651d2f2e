package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/scheduler"
)

// nextStep says what a person can do about a wait, with the command.
func (s Source) nextStep(kind scheduler.WaitKind, holders []Holder) string {
	application := s.application()
	run := s.Run
	switch kind {
	case Queued:
		return fmt.Sprintf("%s, or %s", givenUp(holders, application.ID), raise(application, "--max-concurrent-runs"))
	case scheduler.WaitApplicationLimit:
		limits := raise(application, "--max-cpu, --max-memory or --max-disk")
		return fmt.Sprintf("%s, or %s", givenUp(holders, application.ID), limits)
	case scheduler.WaitAccountQuota:
		return givenUp(holders, application.ID) +
			", stop an application that holds pre-initialised workers (`headrace application stop`), " +
			"or raise account_vcpu_quota in the servers' configuration"
	case scheduler.WaitNoNodes:
		return "start an agent with `headrace agent`; `headrace node list` shows the nodes that there are"
	case scheduler.WaitRelease:
		return fmt.Sprintf(
			"`headrace release fetch %s` gets it, and `headrace release add %s` gives it to every node",
			run.Release,
			run.Release,
		)
	case scheduler.WaitArchitecture:
		return fmt.Sprintf(
			"`headrace node list` shows the nodes; add one with what it needs (%s)",
			needs(application, run),
		)
	case scheduler.WaitNoRoom:
		return givenUp(holders, application.ID) + ", or add a node with `headrace agent`"
	case scheduler.WaitTooLarge:
		return fmt.Sprintf(
			"cancel it with `headrace job-run cancel %s %s` and submit it with smaller or fewer workers, "+
				"or add larger nodes with `headrace agent`",
			application.ID,
			run.ID,
		)
	}
	return fmt.Sprintf("wait; `headrace job-run get %s %s` shows its attempts and workers", application.ID, run.ID)
}

// givenUp says how what is held becomes free: the largest holder ends, or is ended. It does not propose to stop the
// waiting run's own application.
func givenUp(holders []Holder, own string) string {
	for _, h := range holders {
		if h.Run != "" {
			return fmt.Sprintf(
				"wait until run %s ends, or cancel it with `headrace job-run cancel %s %s`",
				h.Run,
				h.Application,
				h.Run,
			)
		}
	}
	if len(holders) > 0 && holders[0].Application != own {
		return fmt.Sprintf(
			"stop application %s, which holds free pre-initialised workers (`headrace application stop %s`)",
			holders[0].Application,
			holders[0].Application,
		)
	}
	if len(holders) == 0 {
		return "wait until some of its own workers are no longer needed"
	}
	return "wait until others end"
}

func raise(application *state.Application, option string) string {
	return fmt.Sprintf(
		"raise the limit with `headrace application update %s` (%s) once it is stopped",
		application.ID,
		option,
	)
}

func needs(application *state.Application, run *state.JobRun) string {
	needs := "architecture " + application.Architecture
	const fast = resource.DiskShuffleOptimized
	if run.Shape.DriverSize.Disk == fast || run.Shape.WorkerSize.Disk == fast {
		needs += ", shuffle-optimised disk"
	}
	if where := run.Nodes(application).Where().String(); where != "" {
		needs += ", " + where
	}
	return needs
}
