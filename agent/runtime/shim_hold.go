package runtime

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// clearEvery is how long the shim waits for killed processes before it looks for new ones.
const clearEvery = 20 * time.Millisecond

// hold waits until the worker's first process has ended, by itself, on request, or at the end of its lease.
func (s *shim) hold() syscall.WaitStatus {
	var longest <-chan time.Time
	if s.spec.LongestSeconds > 0 {
		longest = time.After(time.Duration(s.spec.LongestSeconds) * time.Second)
	}
	for {
		select {
		case <-longest:
			s.wanted = Stopped
			s.kill()
		case <-s.ended:
			if status, ended, _ := s.reap(); ended {
				return status
			}
		case <-s.asked:
			s.stop(readStopRequest(filepath.Join(s.dir, stopFile)))
		case <-s.grace:
			s.kill()
		case <-s.leaseOver:
			s.leaseOver = nil
			s.killFor(LeaseEnded)
		case s.note = <-s.diskOver:
			s.diskOver = nil
			s.killFor(OutOfDisk)
		}
	}
}

// stop begins a polite stop, or shortens one that goes on.
func (s *shim) stop(request stopRequest) {
	deadline := time.Now().Add(request.grace())
	if s.wanted == "" {
		s.wanted = request.Reason
		_ = syscall.Kill(-s.worker, syscall.SIGTERM)
	} else if deadline.After(s.deadline) {
		return
	}
	s.deadline = deadline
	s.grace = time.After(request.grace())
}

// killFor kills the worker for a reason, unless it is being stopped for another one.
func (s *shim) killFor(reason Reason) {
	s.wanted = cmp.Or(s.wanted, reason)
	s.kill()
}

// kill kills the whole tree as it is now. In a PID namespace of its own that is everything but this process.
func (s *shim) kill() {
	if s.spec.Apart {
		_ = syscall.Kill(-1, syscall.SIGKILL) // nothing there is no failure
		return
	}
	if err := s.group.kill(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot kill by control group:", err)
	}
	killAll(descendants(os.Getpid()))
}

// reap takes the exits of all dead children. Orphans of the tree are among them, as this process is a subreaper. alone
// says that no child is left.
func (s *shim) reap() (status syscall.WaitStatus, ended, alone bool) {
	for {
		var one syscall.WaitStatus
		var usage syscall.Rusage
		pid, err := syscall.Wait4(-1, &one, syscall.WNOHANG, &usage)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if pid <= 0 {
			return status, ended, errors.Is(err, syscall.ECHILD)
		}
		s.maxResidentBytes = max(s.maxResidentBytes, usage.Maxrss<<10)
		if pid == s.worker {
			status = one
			ended = true
		}
	}
}

// clear returns when nothing is left of the tree. It has no bound: a process that cannot be killed, such as one that
// waits for a broken disk, still uses what the worker holds.
func (s *shim) clear() {
	for {
		if _, _, alone := s.reap(); alone {
			return
		}
		s.kill()
		select {
		case <-s.ended:
		case <-time.After(clearEvery):
		}
	}
}

// watchLease returns a channel that is closed when the lease is over; nil if the worker goes on without one.
func (s *shim) watchLease() <-chan struct{} {
	if s.spec.KeepOnDisconnect {
		return nil
	}
	over := make(chan struct{})
	go func() {
		defer close(over) // also when there is no clock: rather no worker than one that nobody ends
		timer, err := newAlarm()
		for err == nil {
			deadline := readLease(s.spec.Lease, s.bootID)
			if deadline <= Boottime() {
				return
			}
			err = timer.sleepUntil(deadline)
		}
	}()
	return over
}
