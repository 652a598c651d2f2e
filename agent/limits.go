package agent

import (
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// The bounds of times that servers say; more is as much.
const (
	maxLease = time.Hour // servers grant no more than five minutes beside their own lease, of ten at most
	maxGrace = time.Hour // what users may ask for
)

// leaseOf is a lease of so many milliseconds.
func leaseOf(milliseconds int64) time.Duration {
	return time.Duration(min(max(milliseconds, 1), maxLease.Milliseconds())) * time.Millisecond
}

// graceOf is how long a worker has between the polite stop and the kill.
func graceOf(a *agentv1.AssignedWorker) time.Duration {
	return time.Duration(min(max(a.GetGraceSeconds(), 0), int64(maxGrace/time.Second))) * time.Second
}
