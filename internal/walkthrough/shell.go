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

// command returns what runs a script.
func (s *shell) command(ctx context.Context, script string) *exec.Cmd {
	words := append(s.on.enter(), "bash", "-c", prelude+script, "walkthrough", s.keep, s.begins)
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Env = append(os.Environ(), "PATH="+s.path+":"+os.Getenv("PATH"))
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
		stop()
		return nil, fmt.Errorf("it ended before it printed %q: %w", until, t.err)
	case <-time.After(patience):
		t.close()
		return nil, fmt.Errorf("it did not print %q within %v", until, patience)
	}
}

// close interrupts the script, as Ctrl-C does, and waits for its end.
func (t *terminal) close() {
	t.stop()
	<-t.ended
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
