package flock

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/every"
)

// Wait locks a file, and waits until nobody else has it locked, but not beyond ctx's end. It looks at an interval: a
// lock that the kernel waits for cannot be given up. The caller closes the file, which gives the lock back; a file that
// is opened twice is two, also in one process.
func Wait(ctx context.Context, file *os.File, interval time.Duration) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return &os.PathError{Op: "lock", Path: file.Name(), Err: err}
		}
		if !every.Pause(ctx, interval) {
			return context.Cause(ctx)
		}
	}
}
