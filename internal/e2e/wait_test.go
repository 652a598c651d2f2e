package e2e

import (
	"testing"
	"time"
)

// eventually waits until a condition has no objection any more, and fails the test with the last one.
func eventually(t *testing.T, within time.Duration, what string, condition func() error) {
	t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("%s: not within %s: %v", what, within, err)
		}
	}
}
