package config

import (
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// Validate names the first setting that is wrong.
func (a *Agent) Validate() error {
	for _, check := range []func() error{
		a.validateNode,
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

// validateNode checks what the node is.
func (a *Agent) validateNode() error {
	switch {
	case a.DataDir == "":
		return errs.Field("data_dir", "cannot run an agent without a data directory")
	case a.Zone == "":
		return errs.Field("zone", "cannot run an agent without a zone; any name serves in a cluster with one")
	case a.Host == "":
		return errs.Field("host", "cannot run an agent without the address at which its workers are reached")
	case len(a.Servers) == 0:
		return errs.Field("servers", "cannot run an agent without the address of a server")
	case a.LeaveLease < 0 || a.LeaveLease > time.Hour:
		return errs.Field("leave_lease", "cannot be %s: 0s to 1h", a.LeaveLease)
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

// validateBounds checks what workers may use.
func (a *Agent) validateBounds() error {
	switch {
	case a.WorkerProcesses < 16 || a.WorkerProcesses > 4<<20:
		return errs.Field("worker_processes", "cannot be %d: 16 to %d", a.WorkerProcesses, 4<<20)
	case a.WorkerOpenFiles < 64 || a.WorkerOpenFiles > 1<<20:
		return errs.Field("worker_open_files", "cannot be %d: 64 to %d", a.WorkerOpenFiles, 1<<20)
	case a.DiskFullPercent < 1 || a.DiskFullPercent > 100:
		return errs.Field("disk_full_percent", "cannot be %d: 1 to 100", a.DiskFullPercent)
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
