package memory_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/headrace/headrace/agent/runtime"
)

// TestMain is the shim of the workers that real runtimes start, or the tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(runtime.ShimMain(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}
