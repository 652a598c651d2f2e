package testcluster

import (
	"context"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/testcluster/solo"
)

// Patience bounds every wait of a test.
const Patience = solo.Patience

// Eventually waits until a condition holds, and ends the test if it does not within Patience.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	solo.Eventually(t, what, holds)
}

// Within returns a context that ends with the tests' patience, and with the test.
func Within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}

// pause waits, or returns false when ctx is over first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
