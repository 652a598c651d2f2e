package dev

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// lock takes a data directory for this process, until release is called or the process ends.
func (c Config) lock() (release func(), err error) {
	f, err := os.OpenFile(c.path("dev.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot use the data directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, errs.New(errs.WrongState,
			"cannot use %s: another headrace dev runs there; stop it, or give another --data", c.DataDir)
	}
	return func() { _ = f.Close() }, nil
}
