package runtime

import "path/filepath"

// Lease is how long workers may go on without hearing more. There is one for all workers of an agent, in a file that
// only the agent writes; every shim sleeps until the deadline that it knows, reads the file again, and ends its worker
// when the deadline was not moved. So a dead agent cannot leave a worker behind.
type Lease struct {
	BootID   string  `json:"boot_id"`
	Deadline Instant `json:"deadline"`
}

// leasePath returns where the lease is.
func leasePath(dataDir string) string { return filepath.Join(dataDir, "lease") }

// readLease returns the deadline in a lease file; 0, which is past, when there is none of this boot.
func readLease(path, bootID string) Instant {
	var l Lease
	if found, err := readJSON(path, &l); !found || err != nil || l.BootID != bootID {
		return 0
	}
	return l.Deadline
}

// MoveLease sets the deadline of all workers that do not go on without it.
func (r *Runtime) MoveLease(deadline Instant) error {
	return writeJSON(leasePath(r.config.DataDir), Lease{BootID: r.bootID, Deadline: deadline})
}

// LeaseDeadline returns the deadline that MoveLease set last, also in an earlier life of the agent; 0 if there is none.
func (r *Runtime) LeaseDeadline() Instant { return readLease(leasePath(r.config.DataDir), r.bootID) }
