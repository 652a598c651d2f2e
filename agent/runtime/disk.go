package runtime

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
)

// How often the disk of a worker is measured: what it holds beyond its size is seen within 5 s, of which measuring the
// most files that it may have takes the rest. Measuring takes at most a twentieth of a CPU, as far as that allows.
const (
	diskEvery   = 2 * time.Second
	diskSeldom  = 4 * time.Second
	diskRestOf  = 20 // times as long as measuring took
	bytesPerMiB = 1 << 20
)

// watchDisk returns a channel that is told what the worker holds beyond its size; nil if its disk has no limit.
func (s *shim) watchDisk() <-chan string {
	if s.spec.DiskMiB <= 0 {
		return nil
	}
	over := make(chan string, 1)
	go func() {
		for {
			began := time.Now()
			if excess := s.measureDisk(); excess != "" {
				over <- excess
				return
			}
			time.Sleep(min(max(diskRestOf*time.Since(began), diskEvery), diskSeldom))
		}
	}()
	return over
}

// measureDisk says for people what the worker holds beyond its size; empty: it keeps within that.
func (s *shim) measureDisk() string {
	held, err := guest.Measure(s.spec.Home)
	if errors.Is(err, guest.ErrTooDeep) || errors.Is(err, guest.ErrTooMany) {
		return "cannot measure what the worker holds: its " + err.Error()
	}
	unlinked, err := s.unlinkedBytes()
	if err != nil {
		return "cannot measure what the worker holds: its " + err.Error()
	}
	held += s.logBytes() + unlinked
	excess := held - s.spec.DiskMiB*bytesPerMiB
	if excess <= 0 {
		return ""
	}
	return fmt.Sprintf("the worker held %d bytes on the disk, %d more than the %d MiB that it has: "+
		"ask for a larger disk, or write less", held, excess, s.spec.DiskMiB)
}

// logBytes returns what the worker's logs use here: what was taken to where logs are kept is given back.
func (s *shim) logBytes() (bytes int64) {
	for _, log := range s.logs {
		var stat unix.Stat_t
		if unix.Fstat(int(log.Fd()), &stat) == nil {
			bytes += stat.Blocks * 512
		}
	}
	return bytes
}

// unlinkedBytes returns what files use that have no name any more, but are open; 0 if the shim sees other processes
// than the worker's.
func (s *shim) unlinkedBytes() (bytes int64, err error) {
	if !s.spec.Apart {
		return 0, nil
	}
	home := s.homeDevice()
	seen := map[uint64]bool{}
	err = eachOpen(func(link string) {
		var stat unix.Stat_t
		if unix.Stat(link, &stat) != nil || stat.Nlink > 0 || seen[stat.Ino] {
			return
		}
		if isFile := stat.Mode&unix.S_IFMT == unix.S_IFREG; !isFile || stat.Dev != home {
			return
		}
		seen[stat.Ino] = true
		bytes += guest.Used(&stat)
	})
	return bytes, err
}

func (s *shim) homeDevice() uint64 {
	var stat unix.Stat_t
	_ = unix.Lstat(s.spec.Home, &stat)
	return stat.Dev
}
