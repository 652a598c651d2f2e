package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Worker is a worker that runs or has ended.
type Worker interface {
	// ID returns its id.
	ID() string
	// Done is closed when the worker's whole process tree is gone, and when the runtime that gave it is closed.
	Done() <-chan struct{}
	// Exit returns how the worker ended; ok is false while it runs, and when its runtime was closed before its end.
	Exit() (exit Exit, ok bool)
	// Stop asks the worker to end politely, and kills it with its whole tree after the grace. Calling it again can only
	// shorten the grace. It returns at once; Done tells the end.
	Stop(reason Reason, grace time.Duration) error
	// Starved is closed when the kernel has killed a process of the worker for memory; the worker may go on. Nil: it
	// never is.
	Starved() <-chan struct{}
	// StarvedPeak returns the most memory in bytes that the worker had used when Starved was closed, at least 1; call it
	// after that only.
	StarvedPeak() int64
}

// watched is a Worker by the shim that holds it.
type watched struct {
	id   string
	dir  string
	shim *os.File // its pidfd; nil: it was over when it was found
	done chan struct{}
	exit Exit // valid once done is closed
	lost bool // the watch ended before the worker; valid once done is closed

	memory *starving
}

// ID returns the worker's id.
func (w *watched) ID() string { return w.id }

// Done is closed when nothing is left of the worker, or of the Runtime.
func (w *watched) Done() <-chan struct{} { return w.done }

// Exit returns how the worker ended.
func (w *watched) Exit() (exit Exit, ok bool) {
	select {
	case <-w.done:
		return w.exit, !w.lost
	default:
		return Exit{}, false
	}
}

// Stop writes the request down and tells the shim to read it.
func (w *watched) Stop(reason Reason, grace time.Duration) error {
	if w.shim == nil {
		return nil
	}
	if err := writeJSON(filepath.Join(w.dir, stopFile), stopRequest{
		Reason:      reason,
		GraceMillis: grace.Milliseconds(),
	}); err != nil {
		return err
	}
	raw, err := w.shim.SyscallConn()
	if err != nil {
		return nil // closed: it has ended
	}
	var sent error
	if err := raw.Control(func(fd uintptr) { sent = unix.PidfdSendSignal(int(fd), unix.SIGTERM, nil, 0) }); err != nil {
		return nil
	}
	if errors.Is(sent, syscall.ESRCH) {
		return nil
	}
	return sent
}

// unwatch ends the wait for the shim.
func (w *watched) unwatch() {
	if w.shim != nil {
		_ = w.shim.SetReadDeadline(time.Unix(1, 0))
	}
}

// wait returns when the shim is gone; an error when it was told to stop waiting.
func (w *watched) wait() error {
	raw, err := w.shim.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(func(fd uintptr) bool {
		state := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(state, 0)
		return n > 0 && err == nil
	})
}
