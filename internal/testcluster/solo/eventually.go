package solo

import (
	"testing"
	"time"
)

// Patience bounds every wait of a test.
const Patience = 30 * time.Second

// Eventually waits until a condition holds, and ends the test if it does not within Patience.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("waited %s in vain for %s", Patience, what)
		}
	}
}
