package disk

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// Use is how full the disk of a directory is.
type Use struct {
	// FreeMiB is what programs that are not root's may still use.
	FreeMiB int64
	// Percent is how much of what such programs may use is used.
	Percent int64
}

// Of returns how full the disk of a directory is.
func Of(dir string) (Use, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return Use{}, err
	}
	used := stat.Blocks - stat.Bfree
	return Use{
		FreeMiB: int64(stat.Bavail) * stat.Bsize >> 20,
		Percent: int64(100 * used / max(used+stat.Bavail, 1)),
	}, nil
}

// Free returns what is free, in MiB, on the disk that has the least: workers are placed by one number, whichever disk
// they need.
func Free(dirs []string) (mib int64, err error) {
	for i, dir := range dirs {
		use, err := Of(dir)
		if err != nil {
			return 0, errs.New(errs.Internal, "cannot measure the disk of %s, set its size: %w", dir, err)
		}
		if i == 0 || use.FreeMiB < mib {
			mib = use.FreeMiB
		}
	}
	return mib, nil
}

// Room returns why no workers are to be started: a disk of theirs is fuller than so many percent.
func Room(dirs []string, percent int64) error {
	for _, dir := range dirs {
		use, err := Of(dir)
		if err == nil && use.Percent > percent {
			return fmt.Errorf("cannot start workers: the disk of %s is %d%% full, the limit is %d%%: "+
				"free some of it, or raise the limit", dir, use.Percent, percent)
		}
	}
	return nil
}
