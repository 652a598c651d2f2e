package slots

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/flock"
)

// turnEvery is how often an agent looks whether another agent's rehearsal is over.
const turnEvery = 200 * time.Millisecond

// turnPatience is how long a slot's turn may be away until the slot counts as prepared without a process.
const turnPatience = 30 * time.Second

// maxTurners bounds the applications of which it is known what they used.
const maxTurners = 1024

// turn lets one process at a time rehearse, also where several agents share a machine and its directory of releases. Of
// those that wait on this node, the next is of the application that has used the turn least: one whose processes never
// get ready, and use all of their time, goes behind the others.
type turn struct {
	path string // of a file to lock; empty: none

	mu      sync.Mutex
	taken   bool
	waiting []*turner                // in order
	used    map[string]time.Duration // by application
	least   time.Duration            // used by the application that had the turn last, when it got it
}

// turner is a process that waits for its turn.
type turner struct {
	application string
	failed      bool          // its slot's last one did not get ready
	ready       chan struct{} // closed when it is its turn
}

// newTurn returns a turn that nobody has. sharedDir is where agents of this machine meet; empty: there are no others.
func newTurn(sharedDir string) *turn {
	t := &turn{used: map[string]time.Duration{}}
	if sharedDir != "" {
		t.path = filepath.Join(sharedDir, ".rehearsal.lock")
	}
	return t
}

// take waits for the turn. The caller gives it back. late is called when that takes long.
func (t *turn) take(ctx context.Context, application string, failed bool, late func()) (release func(), err error) {
	patience := time.AfterFunc(turnPatience, late)
	defer patience.Stop()
	one := t.enter(application, failed)
	select {
	case <-one.ready:
	case <-ctx.Done():
		t.leave(one)
		return nil, ctx.Err()
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		t.pass(application, 0)
		return nil, err
	}
	began := time.Now()
	return func() { unlock(); t.pass(application, time.Since(began)) }, nil
}

// enter queues one. While an application waited for nothing, it saved up nothing.
func (t *turn) enter(application string, failed bool) *turner {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.used) >= maxTurners {
		clear(t.used) // all begin anew
	}
	t.used[application] = max(t.used[application], t.least)
	one := &turner{application: application, failed: failed, ready: make(chan struct{})}
	t.waiting = append(t.waiting, one)
	t.next()
	return one
}

// leave ends the wait of one.
func (t *turn) leave(one *turner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.waiting, one); i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
		return
	}
	t.taken = false // it was its turn just now
	t.next()
}

// pass ends a turn that took so long.
func (t *turn) pass(application string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used[application] += took
	t.taken = false
	t.next()
}

// next gives the turn to the next one. The caller has the lock.
func (t *turn) next() {
	if t.taken || len(t.waiting) == 0 {
		return
	}
	one := slices.MinFunc(t.waiting, t.compare) // of equals the first
	i := slices.Index(t.waiting, one)
	t.waiting = slices.Delete(t.waiting, i, i+1)
	t.taken = true
	t.least = max(t.least, t.used[one.application])
	close(one.ready)
}

// compare orders by what applications used; of equals, one that failed before comes later.
func (t *turn) compare(a, b *turner) int {
	if t.used[a.application] != t.used[b.application] || a.failed == b.failed {
		return cmp.Compare(t.used[a.application], t.used[b.application])
	}
	if a.failed {
		return 1
	}
	return -1
}

// lock waits for other agents. Where no file can be made, such as in a directory that is only read, there is nothing to
// wait for.
func (t *turn) lock(ctx context.Context) (unlock func(), err error) {
	if t.path == "" {
		return func() {}, nil
	}
	file, err := os.OpenFile(t.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, nil //nolint:nilerr // see above
	}
	if err := flock.Wait(ctx, file, turnEvery); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}
