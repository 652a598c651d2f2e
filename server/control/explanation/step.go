package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/scheduler"
)

// stepOf says what a person can do about a wait, with the command.
func stepOf(kind scheduler.WaitKind, s Source) string {
	application, run := s.application(), s.Run
	switch kind {
	case Queued:
		return fmt.Sprintf("wait, or give up one that holds a place: `headrace job-run cancel %s JOB_RUN`; %s", application.ID, raise(application, "--max-concurrent-runs"))
	case scheduler.WaitApplicationLimit:
		return fmt.Sprintf("wait until its other runs end, or %s", raise(application, "--max-cpu, --max-memory or --max-disk"))
	case scheduler.WaitAccountQuota:
		return fmt.Sprintf("wait until other runs end, stop an application that needs its pre-initialised workers no longer "+
			"(`headrace application stop %s`), or raise account_vcpu_quota in the servers' configuration", "APPLICATION")
	case scheduler.WaitNoNodes:
		return "start an agent with `headrace agent`; `headrace node list` shows the nodes that there are"
	case scheduler.WaitRelease:
		return fmt.Sprintf("`headrace release fetch %s` gets it, and `headrace release add %s` gives it to every node", run.Release, run.Release)
	case scheduler.WaitArchitecture:
		return fmt.Sprintf("`headrace node list` shows the nodes; add one with what it needs (%s)", needs(application, run))
	case scheduler.WaitNoRoom:
		return "wait until one that holds room ends, cancel it with `headrace job-run cancel APPLICATION JOB_RUN`, or add a node with `headrace agent`"
	case scheduler.WaitTooLarge:
		return fmt.Sprintf("cancel it with `headrace job-run cancel %s %s` and submit it with smaller or fewer workers, or add larger nodes with `headrace agent`",
			application.ID, run.ID)
	}
	return fmt.Sprintf("wait; `headrace job-run get %s %s` shows its attempts and workers", application.ID, run.ID)
}

func raise(application *state.Application, option string) string {
	return fmt.Sprintf("raise the limit with `headrace application update %s` (%s) once it is stopped", application.ID, option)
}

func needs(application *state.Application, run *state.JobRun) string {
	needs := "architecture " + application.Architecture
	if run.Shape.DriverSize.Disk == resource.DiskShuffleOptimized || run.Shape.WorkerSize.Disk == resource.DiskShuffleOptimized {
		needs += ", shuffle-optimised disk"
	}
	return needs
}
