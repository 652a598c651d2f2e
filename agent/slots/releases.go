package slots

import (
	"context"

	"github.com/headrace/headrace/agent/release"
)

// Releases brings releases to the node and keeps them while somebody holds them. *release.Store is one.
type Releases interface {
	// Hold keeps a release on the node until its holder frees it. A holder holds one release.
	Hold(holder, label string)
	// Free ends a hold; a holder that holds nothing is fine.
	Free(holder string)
	// Ensure returns the release, brought from the servers' cache if the node lacks it. Of many callers at once, one
	// brings it.
	Ensure(ctx context.Context, label string, digest []byte) (release.Release, error)
	// Labels returns the labels of the releases that the node holds, in order.
	Labels() []string
}
