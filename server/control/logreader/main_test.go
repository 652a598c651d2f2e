package logreader

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain proves that nothing is left running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
