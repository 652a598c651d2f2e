package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// blockTime bounds a block; patience is how long one that goes on has to say that it is ready.
const (
	blockTime = 6 * time.Minute
	patience  = 3 * time.Minute
)

// prelude begins every script. $1 is the folder that keeps what the shell had, $2 where it begins.
const prelude = `set -euo pipefail
await() {
	local seconds=$1 since=$SECONDS
	shift
	until bash -euo pipefail -c "$*"; do
		[ $((SECONDS - since)) -lt "$seconds" ] || { echo "not within $seconds s: $*" >&2; return 1; }
		sleep 0.3
	done
}
endless() { timeout --signal=INT 4 "$@" || [ $? = 124 ]; }
keep=$1
if [ -e "$keep/variables" ]; then . "$keep/variables"; cd "$(cat "$keep/directory")"; else cd "$2"; fi
trap 'export -p >"$keep/variables"; pwd >"$keep/directory"' EXIT
`

// shell runs scripts on one machine, or on this one.
type shell struct {
	on     *machine // nil: this one
	keep   string   // a folder of its own
	begins string   // the directory of the first script
	path   string   // directories before PATH
}

// newShell makes a shell that keeps its state in a folder below dir.
func newShell(on *machine, dir, name, begins, path string) (*shell, error) {
	keep := filepath.Join(dir, "shell-"+name)
	if err := os.MkdirAll(keep, 0o700); err != nil {
		return nil, err
	}
	return &shell{on: on, keep: keep, begins: begins, path: path}, nil
}

// ofOwner says of a variable that it is what whoever walks has set for clusters and clouds of their own. A reader has
// none of it; only what was fetched for both is where HEADRACE_CACHE says.
func ofOwner(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "HEADRACE_") && name != "HEADRACE_CACHE"
}

// command returns what runs a script.
func (s *shell) command(ctx context.Context, script string) *exec.Cmd {
	words := append(s.on.enter(), "bash", "-c", prelude+script, "walkthrough", s.keep, s.begins)
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Env = append(slices.DeleteFunc(os.Environ(), ofOwner), "PATH="+s.path+":"+os.Getenv("PATH"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGINT) }
	c.WaitDelay = 20 * time.Second
	return c
}

// run runs a script to its end, and shows what it prints.
func (s *shell) run(ctx context.Context, script string) error {
	ctx, cancel := context.WithTimeout(ctx, blockTime)
	defer cancel()
	c := s.command(ctx, script)
	c.Stdout = os.Stdout
	c.Stderr = os.Stdout
	return endOf(ctx, c.Run())
}

// endOf says why a script ended.
func endOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("it did not end within %v", blockTime)
	}
	return err
}

// terminal is a script that goes on.
type terminal struct {
	of    block
	stop  context.CancelFunc
	ended chan struct{}
	err   error // once it has ended
}

// open runs a script in a terminal of its own, and returns when it has printed a text.
func (s *shell) open(ctx context.Context, script, until string) (*terminal, error) {
	own, stop := context.WithCancel(ctx)
	t := &terminal{stop: stop, ended: make(chan struct{})}
	said := newWatch(os.Stdout, until)
	c := s.command(own, script)
	c.Stdout = said
	c.Stderr = said
	if err := c.Start(); err != nil {
		stop()
		return nil, err
	}
	go func() {
		defer close(t.ended)
		t.err = c.Wait()
	}()
	select {
	case <-said.seen:
		return t, nil
	case <-t.ended:
		if said.has() {
			return t, nil
		}
		stop()
		return nil, tooEarly(until, t.err)
	case <-time.After(patience):
		return nil, errors.Join(fmt.Errorf("it did not print %q within %v", until, patience), t.close())
	}
}

// tooEarly says that a script ended before it printed a text.
func tooEarly(until string, err error) error {
	if err == nil {
		return fmt.Errorf("it ended without an error before it printed %q", until)
	}
	return fmt.Errorf("it ended before it printed %q: %w", until, err)
}

// close interrupts the script, as Ctrl-C does, waits for its end, and returns why it failed. That it was interrupted is
// no failure.
func (t *terminal) close() error {
	t.stop()
	<-t.ended
	if interrupted(t.err) {
		return nil
	}
	return t.err
}

// interruptedCode is the exit code of what Ctrl-C has ended.
const interruptedCode = 130

// interrupted says whether a command ended as Ctrl-C ends one: well, by the signal, or with the code that says so.
func interrupted(err error) bool {
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return err == nil || errors.Is(err, context.Canceled)
	}
	status, known := ended.Sys().(syscall.WaitStatus)
	return ended.ExitCode() == interruptedCode || known && status.Signaled() && status.Signal() == syscall.SIGINT
}

// watch passes on what is written, and looks for a text in it.
type watch struct {
	to    io.Writer
	text  []byte
	seen  chan struct{}
	once  sync.Once
	lines bytes.Buffer // what may hold the text's begin
}

func newWatch(to io.Writer, text string) *watch {
	return &watch{to: to, text: []byte(text), seen: make(chan struct{})}
}

// has says whether the text was seen.
func (w *watch) has() bool {
	select {
	case <-w.seen:
		return true
	default:
		return false
	}
}

// Write is called by one goroutine at a time.
func (w *watch) Write(p []byte) (int, error) {
	w.lines.Write(p)
	if bytes.Contains(w.lines.Bytes(), w.text) {
		w.once.Do(func() { close(w.seen) })
	}
	if over := w.lines.Len() - len(w.text); over > 0 {
		w.lines.Next(over)
	}
	return w.to.Write(p)
}
