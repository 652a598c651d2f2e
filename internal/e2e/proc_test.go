package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// proc is what /proc says of a process. One that only waits to be reaped has no arguments and no directory.
type proc struct {
	pid  int
	args []string
	dir  string // its working directory
	env  []byte
}

func (p proc) String() string {
	return fmt.Sprintf("%d %.300s (in %s)", p.pid, strings.Join(p.args, " "), p.dir)
}

// shim says whether it is a shim.
func (p proc) shim() bool { return len(p.args) > 1 && p.args[1] == "shim" }

// worksIn says whether it works below a directory, or was started with a path below it.
func (p proc) worksIn(dir string) bool {
	if strings.HasPrefix(p.dir+"/", dir+"/") {
		return true
	}
	for _, arg := range p.args {
		if strings.HasPrefix(arg, dir+"/") {
			return true
		}
	}
	return false
}

// names says whether anything of it names a path below a directory.
func (p proc) names(dir string) bool {
	return p.worksIn(dir) || strings.Contains(strings.Join(p.args, " "), dir+"/") || bytes.Contains(p.env, []byte(dir+"/"))
}

// procs returns the processes that match, without this one.
func procs(match func(proc) bool) []proc {
	var found []proc
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		p := proc{}
		p.pid, _ = strconv.Atoi(filepath.Base(dir))
		command, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		p.args = strings.Split(strings.TrimSuffix(string(command), "\x00"), "\x00")
		p.dir, _ = os.Readlink(filepath.Join(dir, "cwd"))
		p.env, _ = os.ReadFile(filepath.Join(dir, "environ"))
		if p.pid != os.Getpid() && match(p) {
			found = append(found, p)
		}
	}
	return found
}

// workerProcs returns the processes of a worker, without its shim.
func workerProcs(id string) []proc {
	return procs(func(p proc) bool { return !p.shim() && bytes.Contains(p.env, []byte("HEADRACE_WORKER_ID="+id)) })
}
