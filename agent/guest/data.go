package guest

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// Data returns where the first data of a file at or after an offset begins, and where the next hole after that begins.
// A hole takes nothing of the disk and reads as zeros: a worker can make one of any size at once. If no data follows,
// begins is math.MaxInt64. A file system without holes has data everywhere. Data moves the file's own offset.
func Data(file *os.File, offset int64) (begins, ends int64) {
	begins, err := unix.Seek(int(file.Fd()), offset, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) {
		return math.MaxInt64, math.MaxInt64
	}
	if err != nil {
		return offset, math.MaxInt64
	}
	if ends, err = unix.Seek(int(file.Fd()), begins, unix.SEEK_HOLE); err != nil {
		return begins, math.MaxInt64
	}
	return begins, ends
}
