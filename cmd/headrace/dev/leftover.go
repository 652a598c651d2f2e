package dev

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// cleanFor bounds how long killed processes may take to go.
const cleanFor = 10 * time.Second

// process is what /proc says of one.
type process struct {
	pid, parent int
	args        []string
	dir         string // its working directory
	marked      bool   // it was started for a worker
}

// leftover returns the processes that belong to a data directory: servers, agents and shims with a path below it,
// processes of workers that work below it, and everything below those. Nothing else that merely names the directory,
// such as a user's editor.
func leftover(dataDir string) []int {
	all := processes()
	found := map[int]bool{}
	for _, p := range all {
		if p.pid != os.Getpid() && (p.ours(dataDir) || p.marked && below(p.dir, dataDir)) {
			found[p.pid] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if found[p.parent] && !found[p.pid] {
				found[p.pid] = true
				grown = true
			}
		}
	}
	var pids []int
	for _, p := range all {
		if found[p.pid] {
			pids = append(pids, p.pid)
		}
	}
	return pids
}

// ours says whether a process is one of this program with a path below the data directory.
func (p process) ours(dataDir string) bool {
	return len(p.args) > 2 && slices.Contains([]string{"shim", "server", "agent"}, p.args[1]) &&
		slices.ContainsFunc(p.args[2:], func(arg string) bool { return below(arg, dataDir) })
}

func below(path, dir string) bool { return strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/") }

// processes returns all processes of this machine that may be looked at.
func processes() []process {
	var all []process
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, name := range names {
		if p, ok := readProcess(name); ok {
			all = append(all, p)
		}
	}
	return all
}

// readProcess reads a process; ok is false for one that is gone, or only waits to be reaped.
func readProcess(name string) (p process, ok bool) {
	stat, err := os.ReadFile(filepath.Join(name, "stat"))
	if err != nil {
		return p, false
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // state, parent, ...
	if len(fields) < 2 || fields[0] == "Z" || fields[0] == "X" {
		return p, false
	}
	p.pid, _ = strconv.Atoi(filepath.Base(name))
	p.parent, _ = strconv.Atoi(fields[1])
	p.dir, _ = os.Readlink(filepath.Join(name, "cwd"))
	p.args = wordsOf(filepath.Join(name, "cmdline"))
	p.marked = slices.ContainsFunc(wordsOf(filepath.Join(name, "environ")), func(variable string) bool {
		return strings.HasPrefix(variable, "HEADRACE_WORKER_ID=")
	})
	return p, true
}

// wordsOf returns the words of a file of /proc, each of which ends with a zero byte; one empty word if there are none.
func wordsOf(path string) []string {
	content, _ := os.ReadFile(path)
	return strings.Split(strings.TrimSuffix(string(content), "\x00"), "\x00")
}

// clean ends what is left behind, and returns how many processes that were.
func clean(dataDir string) (ended int, err error) {
	seen := map[int]bool{}
	for until := time.Now().Add(cleanFor); ; {
		pids := leftover(dataDir)
		if len(pids) == 0 {
			return len(seen), removeSockets(dataDir)
		}
		if time.Now().After(until) {
			return len(seen), errs.New(errs.Unavailable,
				"cannot end processes %v, which an earlier headrace dev left behind; end them by hand", pids)
		}
		for _, pid := range pids {
			seen[pid] = true
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// removeSockets removes the sockets of processes that are gone.
func removeSockets(dataDir string) error {
	return filepath.WalkDir(dataDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSocket == 0 {
			return nil //nolint:nilerr // what cannot be read has no socket of ours
		}
		return os.Remove(path)
	})
}

// PID returns the id of the process that runs as a role, server or agent, with a file of settings; 0 if there is none.
func PID(role, file string) int {
	for _, p := range processes() {
		if len(p.args) > 2 && p.args[1] == role && slices.Contains(p.args[2:], file) {
			return p.pid
		}
	}
	return 0
}
