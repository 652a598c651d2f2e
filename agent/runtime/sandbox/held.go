package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Held is a bundle as the shim that holds its worker uses it.
type Held struct {
	// Dir is the directory of the bundle.
	Dir string
	// Program is the path of crun.
	Program string
}

func (h Held) path(name string) string { return filepath.Join(h.Dir, name) }

// Command returns what starts the worker. It ends when the worker's program runs.
func (h Held) Command(id string) []string {
	return []string{
		h.Program, "--root", h.path("state"), "--cgroup-manager=disabled", "--log", h.path("log"), "--log-format=json",
		"run", "--detach", "--bundle", h.Dir, "--pid-file", h.path("pid"), id,
	}
}

// PID returns the worker's process id in this PID namespace, once Command has ended well.
func (h Held) PID() (int, error) {
	content, err := os.ReadFile(h.path("pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(bytes.TrimSpace(content)))
}

// absent finds what crun says of a program, or of its working directory, that is not there or may not be used.
var absent = regexp.MustCompile("executable (file|path)|^open executable|^exec |chdir")

// Failure returns why Command did not end well; fs.ErrNotExist if the program is at fault.
func (h Held) Failure() error {
	said := h.lastWords()
	if absent.MatchString(said) {
		return absentError(said)
	}
	return errors.New(said)
}

// absentError is what crun said of a program that is not there.
type absentError string

// Error returns it.
func (e absentError) Error() string { return string(e) }

// Is says that it is fs.ErrNotExist.
func (e absentError) Is(target error) bool { return target == fs.ErrNotExist }

// MaxFailure is how long what NotExecuted looks at can be, in bytes.
const MaxFailure = 8 << 10

// NotExecuted says whether all that a worker wrote to stderr is crun's message that the kernel did not execute its
// program, such as a script whose interpreter is missing.
func NotExecuted(stderr []byte) (why string, so bool) {
	var entry struct{ Msg string }
	if json.Unmarshal(stderr, &entry) != nil {
		return "", false
	}
	return strings.CutPrefix(entry.Msg, "exec container process ")
}

// lastWords returns what crun said last.
func (h Held) lastWords() (said string) {
	said = "crun says nothing"
	file, err := os.Open(h.path("log"))
	if err != nil {
		return said
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var entry struct{ Msg string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg != "" {
			said = entry.Msg
		}
	}
	return said
}
