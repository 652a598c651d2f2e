package fleet

import (
	"math"
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Times that are no times must not overflow into the past.
func TestGrace_IsBounded(t *testing.T) {
	wants := map[int64]time.Duration{-1: 0, 30: 30 * time.Second, math.MaxInt64: maxGrace, math.MinInt64: 0}
	for seconds, want := range wants {
		if got := graceOf(&agentv1.AssignedWorker{GraceSeconds: seconds}); got != want {
			t.Errorf("a grace of %d s is %s", seconds, got)
		}
	}
}
