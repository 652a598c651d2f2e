package agent

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/headrace/headrace/internal/errs"
)

// lock keeps two agents from using one data directory: each would stop the other's workers.
func lock(dataDir string) (unlock func(), err error) {
	path := filepath.Join(dataDir, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot lock the data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, errs.New(errs.WrongState, "cannot use %s: another agent runs there (%s is locked)", dataDir, path)
	}
	return func() { _ = f.Close() }, nil
}
