package testcluster

import (
	"context"
	"testing"

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
