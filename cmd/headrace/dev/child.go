package dev

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
)

// quiet is how long a child has to run for its next death to count as the first.
const quiet = time.Minute

// child is one process that runs until it is stopped. A child that dies is started again, after a pause that doubles.
type child struct {
	name           string
	executable     string
	args           []string
	log            string // the file that its output is added to
	say            func(format string, args ...any)
	first, longest time.Duration // the shortest and the longest pause before it is started again
	patience       time.Duration // between the polite stop and the kill
}

// run keeps the child running until the context ends, then stops it; killed ends it at once and for good. It stays on
// one thread, because the kernel ends the child when the thread that started it is gone.
func (c *child) run(ctx, killed context.Context) error {
	runtime.LockOSThread()
	pauses := backoff.Doubling{First: c.first, Max: c.longest}
	for {
		began := time.Now()
		reason, err := c.once(ctx, killed)
		if ctx.Err() != nil || killed.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if time.Since(began) > quiet {
			pauses.Reset()
		}
		pause := pauses.Next()
		c.say("%s died (%s): starts again in %s; %s says more", c.name, reason, pause, c.log)
		if !wait(ctx, killed, pause) {
			return nil
		}
	}
}

// wait waits, and says whether the contexts let it.
func wait(ctx, killed context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-killed.Done():
		return false
	}
}

// once runs the child until it ends and returns how it ended.
func (c *child) once(ctx, killed context.Context) (reason string, err error) {
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return "", errs.New(errs.Unavailable, "cannot write the log of %s: %w", c.name, err)
	}
	defer func() { _ = log.Close() }()
	cmd := c.command(ctx, log)
	if err := cmd.Start(); err != nil {
		return "", errs.New(errs.Unavailable, "cannot start %s: %w", c.name, err)
	}
	stop := context.AfterFunc(killed, func() { _ = cmd.Process.Kill() })
	defer stop()
	_ = cmd.Wait() // how it ended is in its state
	return fmt.Sprint(cmd.ProcessState), nil
}

// command returns the command that runs the child. If the context ends, the child is asked to stop.
func (c *child) command(ctx context.Context, log *os.File) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.executable, c.args...)
	cmd.Stdout = log
	cmd.Stderr = log
	cmd.Env = environment()
	// A group of its own, so that Ctrl-C reaches only dev, which knows the order in which to stop.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = c.patience
	return cmd
}

// environment returns this process's own without the settings of Headrace, which are in the files.
func environment() []string {
	var all []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "HEADRACE_") {
			all = append(all, variable)
		}
	}
	return all
}
