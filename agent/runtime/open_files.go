package runtime

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxOpen is how much of what a worker's processes have open, or mapped, is looked at: more takes longer than the disk
// may be exceeded.
const maxOpen = 500_000

// errTooMuchOpen is the error of processes that cannot be looked at.
var errTooMuchOpen = fmt.Errorf("processes have more than %d files open or mapped", maxOpen)

// What two tasks may share, for kcmp(2).
const (
	sameMemory = 1
	sameFiles  = 2
)

// openFiles is one look at what all processes of this PID namespace have open.
type openFiles struct {
	each func(link string)
	left int // of maxOpen
}

// eachOpen calls each with the links in /proc to what the processes of this PID namespace have open, or mapped without
// a name.
func eachOpen(each func(link string)) error {
	o := &openFiles{each: each, left: maxOpen}
	for _, pid := range processes() {
		if err := o.process(pid); err != nil {
			return err
		}
	}
	return nil
}

// process looks at a process. Its threads may have files of their own, and go on when its first one has ended.
func (o *openFiles) process(pid int) error {
	var files, memory string // the threads whose were looked at last
	for _, task := range names(fmt.Sprintf("/proc/%d/task", pid)) {
		if o.left--; o.left < 0 {
			return errTooMuchOpen
		}
		if !same(files, task, sameFiles) {
			files = task
			if err := o.descriptors(task); err != nil {
				return err
			}
		}
		if !same(memory, task, sameMemory) {
			memory = task
			if err := o.maps(task); err != nil {
				return err
			}
		}
	}
	return nil
}

// same says whether two threads share something; no if that cannot be known.
func same(one, other string, what uintptr) bool {
	var a, b uintptr
	if _, err := fmt.Sscan(one+" "+other, &a, &b); err != nil {
		return false
	}
	order, _, errno := unix.Syscall6(unix.SYS_KCMP, a, b, what, 0, 0, 0)
	return errno == 0 && order == 0
}

// descriptors looks at what a thread has open.
func (o *openFiles) descriptors(task string) error {
	folder := "/proc/" + task + "/fd/"
	for _, fd := range names(folder) {
		if o.left--; o.left < 0 {
			return errTooMuchOpen
		}
		o.each(folder + fd)
	}
	return nil
}

// maps looks at what a thread has mapped and that has no name.
func (o *openFiles) maps(task string) error {
	maps, err := os.Open("/proc/" + task + "/maps")
	if err != nil {
		return nil //nolint:nilerr // it has ended
	}
	defer func() { _ = maps.Close() }()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if o.left--; o.left < 0 {
			return errTooMuchOpen
		}
		if span, _, found := strings.Cut(lines.Text(), " "); found && strings.HasSuffix(lines.Text(), " (deleted)") {
			o.each("/proc/" + task + "/map_files/" + span)
		}
	}
	return nil
}

// names returns what is in a folder of /proc; nothing if it is gone.
func names(folder string) []string {
	opened, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer func() { _ = opened.Close() }()
	found, _ := opened.Readdirnames(-1)
	return found
}
