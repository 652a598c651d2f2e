package runtime

import (
	"crypto/rand"
	"slices"
	"strings"
)

// Own is a kind of process that the agent has for itself. Its value begins the ids of those; ids of workers are
// lower-case ULIDs. No later agent has a use for such a process: it discards those that it finds.
type Own string

// The kinds.
const (
	ForErrand  Own = "errand-"  // a program of a release; see Errand
	ForSlot    Own = "waiting-" // a process that waits in a slot until it becomes a worker
	ForHistory Own = "history-" // a process that shows the event log of an attempt that is over
)

// NewID returns an id for such a process.
func (o Own) NewID() string { return string(o) + strings.ToLower(rand.Text()) }

// IsOwn says whether an id is one of a process that an agent had for itself.
func IsOwn(id string) bool {
	kinds := []Own{ForErrand, ForSlot, ForHistory}
	return slices.ContainsFunc(kinds, func(o Own) bool { return strings.HasPrefix(id, string(o)) })
}
