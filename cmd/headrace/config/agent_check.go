package config

import (
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// Validate names the first setting that is wrong. What an agent itself refuses is asked of its package.
func (a *Agent) Validate() error {
	for _, check := range []func() error{
		a.Config().Validate,
		a.validateIsolation,
		a.validateBounds,
		a.validateServers,
		a.validateProcess,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateIsolation checks what keeps workers apart.
func (a *Agent) validateIsolation() error {
	switch {
	case a.Isolation != IsolationSandbox && a.Isolation != IsolationNone:
		return errs.Field("isolation", "cannot be %q: sandbox or none", a.Isolation)
	case a.WorkerUser != "" && (a.WorkerUIDs != "" || a.WorkerGroup != ""):
		return errs.Field("worker_user",
			"cannot be set with worker_uids or worker_group: workers share one user, or have users of their own")
	case a.Isolation == IsolationNone && a.WorkerUIDs != "":
		return errs.Field("worker_uids", "cannot be set with isolation: none: workers have no users of their own then")
	case a.Isolation == IsolationNone && a.WorkerGroup != "":
		return errs.Field("worker_group",
			"cannot be set with isolation: none: workers have the groups of worker_user then")
	case a.Isolation == IsolationNone && len(a.SharedDirectories)+len(a.HiddenDirectories) > 0:
		return errs.Field("shared_directories",
			"cannot be set with isolation: none, and neither can hidden_directories: workers see the whole node then")
	}
	return nil
}

// validateBounds checks what workers may use, and how long they may be left alone.
func (a *Agent) validateBounds() error {
	switch {
	case a.WorkerProcesses < 16 || a.WorkerProcesses > 4<<20:
		return errs.Field("worker_processes", "cannot be %d: 16 to %d", a.WorkerProcesses, 4<<20)
	case a.WorkerOpenFiles < 64 || a.WorkerOpenFiles > 1<<20:
		return errs.Field("worker_open_files", "cannot be %d: 64 to %d", a.WorkerOpenFiles, 1<<20)
	case a.LeaveLease < 0 || a.LeaveLease > time.Hour:
		return errs.Field("leave_lease", "cannot be %s: 0s to 1h", a.LeaveLease)
	}
	return nil
}

// validateServers checks whom the agent calls.
func (a *Agent) validateServers() error {
	for _, address := range a.Servers {
		if err := checkAddress("servers", address); err != nil {
			return err
		}
		if err := a.checkPlain("servers", address); err != nil {
			return err
		}
	}
	return nil
}
