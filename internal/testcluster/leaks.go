package testcluster

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package, and proves that servers leave nothing running behind: what a test started is gone
// when it ends. Only memberlist lets a probe, or an exchange with another server, that is under way run out after its
// Shutdown.
func Main(m *testing.M) {
	const memberlist = "github.com/hashicorp/memberlist.(*Memberlist)."
	goleak.VerifyTestMain(
		m,
		goleak.IgnoreAnyFunction(memberlist+"triggerFunc"),
		goleak.IgnoreAnyFunction(memberlist+"pushPullTrigger"),
		goleak.IgnoreAnyFunction(memberlist+"handleConn"),
	)
}
