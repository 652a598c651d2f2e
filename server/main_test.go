package server_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain proves that servers leave nothing running behind: what a test started is gone when it ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
