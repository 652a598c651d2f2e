package dev

import (
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/errs"
)

// largeLog is the size in bytes beyond which a child's log is put aside at the next start, in the place of the one
// before.
const largeLog = 16 << 20

// rotateLogs keeps logs from growing without end.
func (c Config) rotateLogs() error {
	logs, err := filepath.Glob(c.path("logs", "*.log"))
	if err != nil {
		return errs.New(errs.Internal, "cannot list the logs: %w", err)
	}
	for _, log := range logs {
		info, err := os.Stat(log)
		if err != nil || info.Size() <= largeLog {
			continue
		}
		if err := os.Rename(log, log+".old"); err != nil {
			return errs.New(errs.Unavailable, "cannot put a log aside: %w", err)
		}
	}
	return nil
}
