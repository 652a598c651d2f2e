package runtime

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// identity is a process, told apart from a later one with the same pid.
type identity struct {
	PID    int    `json:"pid"`
	Start  uint64 `json:"start"` // clock ticks after boot
	BootID string `json:"boot_id"`
}

// identify returns the identity of a live process.
func identify(pid int, bootID string) (identity, error) {
	stat, err := readStat(pid)
	return identity{PID: pid, Start: stat.start, BootID: bootID}, err
}

// identifySelf returns the identity of this process as others see it: in a PID namespace of its own it has another
// number there, until it mounts a /proc of its own.
func identifySelf(bootID string) (identity, error) {
	name, err := os.Readlink("/proc/self")
	if err != nil {
		return identity{}, err
	}
	pid, err := strconv.Atoi(name)
	if err != nil {
		return identity{}, err
	}
	return identify(pid, bootID)
}

// procStat is what we need of /proc/<pid>/stat.
type procStat struct {
	parent int
	start  uint64
}

func readStat(pid int) (procStat, error) {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return procStat{}, err
	}
	// The name, in parentheses, may hold anything; the fields begin after the last one: state, parent, ..., start as the
	// 20th.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 20 {
		return procStat{}, syscall.ESRCH
	}
	parent, _ := strconv.Atoi(fields[1])
	start, err := strconv.ParseUint(fields[19], 10, 64)
	return procStat{parent: parent, start: start}, err
}

// processes returns the pids of all processes that this one sees.
func processes() []int {
	var pids []int
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, name := range names {
		if pid, err := strconv.Atoi(filepath.Base(name)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// descendants returns all processes below a process, dead ones that nobody waited for among them.
func descendants(of int) []int {
	children := map[int][]int{}
	for _, pid := range processes() {
		if stat, err := readStat(pid); err == nil {
			children[stat.parent] = append(children[stat.parent], pid)
		}
	}
	var all []int
	for queue := children[of]; len(queue) > 0; queue = queue[1:] {
		all = append(all, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return all
}

// carrying returns the processes that were started with that variable in their environment.
func carrying(variable string) []int {
	var pids []int
	for _, pid := range processes() {
		environment, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
		if err == nil && bytes.Contains(append([]byte{0}, environment...), []byte("\x00"+variable+"\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killAll kills processes; those that are gone are no error.
func killAll(pids []int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
