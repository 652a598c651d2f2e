package agent

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/headrace/headrace/agent/runtime"
)

// TestMain is the shim of the workers that tests start, or the tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(runtime.ShimMain(os.Args[2:]))
	}
	if len(os.Args) > 3 && os.Args[1] == "history" {
		panic(showHistory(os.Args[2], os.Args[3]))
	}
	goleak.VerifyTestMain(m)
}
