package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// turnEvery is how often an agent looks whether another agent's rehearsal is over.
const turnEvery = 200 * time.Millisecond

// turn lets one process at a time rehearse, also where several agents share a machine and its directory of releases.
type turn struct {
	own  chan struct{}
	path string // of a file to lock; empty: none
}

func newTurn(releaseDirs []string) turn {
	t := turn{own: make(chan struct{}, 1)}
	if len(releaseDirs) > 0 {
		t.path = filepath.Join(releaseDirs[0], ".rehearsal.lock")
	}
	return t
}

// take waits for the turn. The caller gives it back.
func (t turn) take(ctx context.Context) (release func(), err error) {
	select {
	case t.own <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		<-t.own
		return nil, err
	}
	return func() { unlock(); <-t.own }, nil
}

// lock waits for other agents. Where no file can be made, such as in a directory that is only read, there is nothing to wait for.
func (t turn) lock(ctx context.Context) (unlock func(), err error) {
	if t.path == "" {
		return func() {}, nil
	}
	file, err := os.OpenFile(t.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, nil //nolint:nilerr // see above
	}
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(err, file.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		case <-time.After(turnEvery):
		}
	}
}
