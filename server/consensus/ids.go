package consensus

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// ulids makes lower-case ULIDs that sort in the order in which they were made.
type ulids struct {
	clock func() time.Time

	mu      sync.Mutex
	last    uint64 // milliseconds; never goes back
	entropy *ulid.MonotonicEntropy
}

func newULIDs(clock func() time.Time) *ulids {
	return &ulids{clock: clock, entropy: ulid.Monotonic(rand.Reader, 0)}
}

// NewID returns the next id.
func (u *ulids) NewID() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = max(u.last, ulid.Timestamp(u.clock()))
	id, err := ulid.New(u.last, u.entropy)
	if err != nil {
		panic(fmt.Sprintf("cannot make an id: %v", err)) // no random numbers: nothing can go on
	}
	return strings.ToLower(id.String())
}
