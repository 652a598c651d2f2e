package agent

import (
	"math"
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Times that are no times must not overflow into the past.
func TestTimes_OfServersAreBounded(t *testing.T) {
	for milliseconds, want := range map[int64]time.Duration{-1: time.Millisecond, 0: time.Millisecond, 3000: 3 * time.Second, math.MaxInt64: maxLease, math.MinInt64: time.Millisecond} {
		if got := leaseOf(milliseconds); got != want {
			t.Errorf("a lease of %d ms is %s", milliseconds, got)
		}
	}
	for seconds, want := range map[int64]time.Duration{-1: 0, 30: 30 * time.Second, math.MaxInt64: maxGrace, math.MinInt64: 0} {
		if got := graceOf(&agentv1.AssignedWorker{GraceSeconds: seconds}); got != want {
			t.Errorf("a grace of %d s is %s", seconds, got)
		}
	}
}
