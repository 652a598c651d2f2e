package machine

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
)

// askPython prints an interpreter's version, its real path, which costs less to start than what a version manager puts
// in front, and where its files are.
const askPython = "import platform, sys; print(platform.python_version()); " +
	"print(sys.executable); print(sys.prefix); print(sys.base_prefix)"

// Python is an interpreter.
type Python struct {
	Version string // such as 3.11.7
	Program string // its real path
	Prefix  string // the directory that it is installed in, or its virtual environment is
	Base    string // the directory that it is installed in
}

// Python returns the interpreter of that name or path, such as python3, and whether it answers.
func (m *Machine) Python(ctx context.Context, name string) (Python, bool) {
	program, err := exec.LookPath(name)
	if err != nil {
		return Python{}, false
	}
	says := func(said string) bool { _, ok := pythonOf(said); return ok }
	return pythonOf(m.ask(ctx, program, says, "-I", "-c", askPython))
}

// pythonOf reads what an interpreter said. One that is gone is none: a version manager may have another one now.
func pythonOf(said string) (Python, bool) {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if len(lines) != 4 || !filepath.IsAbs(lines[1]) || !runnable(lines[1]) {
		return Python{}, false
	}
	return Python{Version: lines[0], Program: lines[1], Prefix: lines[2], Base: lines[3]}, true
}
