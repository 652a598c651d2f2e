package consensus

import (
	"fmt"
	"sync"
	"time"
)

// A server that restores more snapshots than this in a minute goes in circles (raft#697); a restart cures it.
const maxInstalls = 3

// installs counts restored snapshots.
type installs struct {
	clock func() time.Time
	fail  func(error) // called when there were too many

	mu     sync.Mutex
	recent []time.Time // of the last minute
}

// restored notes a snapshot.
func (i *installs) restored() {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.clock()
	for len(i.recent) > 0 && now.Sub(i.recent[0]) >= time.Minute {
		i.recent = i.recent[1:]
	}
	if i.recent = append(i.recent, now); len(i.recent) > maxInstalls {
		i.fail(fmt.Errorf("cannot catch up: %d snapshots were installed within %s; "+
			"this server stops, a restart cures it", len(i.recent), now.Sub(i.recent[0])))
	}
}
