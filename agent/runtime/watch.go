package runtime

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// watch watches the shim of a worker. An error means that it cannot be watched, such as when it is gone.
func (r *Runtime) watch(spec Spec, pid int) (*watched, error) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	w := &watched{
		id:   spec.ID,
		dir:  r.Dir(spec.ID),
		shim: os.NewFile(uintptr(fd), "shim"),
		done: make(chan struct{}),
	}
	var g group
	w.memory, g = watchMemory(spec.Cgroup)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		_ = w.shim.Close()
		w.memory.close()
		return nil, errs.New(errs.Unavailable, "cannot watch worker %s: the runtime is closed", spec.ID)
	}
	r.live[spec.ID] = w
	r.watchers.Go(func() { r.follow(w, spec, pid) })
	if g != nil {
		r.watchers.Go(func() { w.memory.follow(g) })
	}
	return w, nil
}

// follow waits for the shim's end and settles how the worker ended.
func (r *Runtime) follow(w *watched, spec Spec, pid int) {
	defer close(w.done)
	w.lost = w.wait() != nil
	if !w.lost {
		_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil) // no child of ours after a restart: nothing happens
		w.exit = r.settle(spec)
		r.dismiss(spec)
	}
	r.mu.Lock()
	delete(r.live, w.id)
	r.mu.Unlock()
	_ = w.shim.Close()
	w.memory.close()
}

// settle returns how a worker ended whose shim is gone. When nobody saw it, what is left of its tree is killed first.
func (r *Runtime) settle(spec Spec) Exit {
	var exit Exit
	if found, err := readJSON(filepath.Join(r.Dir(spec.ID), exitFile), &exit); found && err == nil {
		return exit
	}
	r.killRemains(spec)
	exit = Exit{
		Reason:  Disappeared,
		Code:    -1,
		Message: "cannot tell how the worker ended: the process that held it is gone",
	}
	if err := r.RecordEnd(spec.ID, exit); err != nil {
		r.config.Logger.Error("cannot record a worker's end", "worker", spec.ID, "error", err)
	}
	return exit
}

// killRemains kills what is left of a tree that no shim holds, by its control group and by the variable that all its
// processes were started with, until nothing is found or the Runtime is closed. What had a shim of its own PID
// namespace has ended with it.
func (r *Runtime) killRemains(spec Spec) {
	for !r.isClosed() {
		var found []int
		if spec.Cgroup != "" {
			if g, err := openGroup(spec.Cgroup); err == nil {
				_ = g.kill()
				_ = g.remove()
			}
		}
		if spec.Apart {
			return
		}
		if found = others(carrying(spec.mark())); len(found) == 0 {
			return
		}
		killAll(found)
		waitGone(found, clearEvery)
	}
}

// waitGone waits until one of the processes is gone, not longer than that.
func waitGone(pids []int, limit time.Duration) {
	fds := make([]unix.PollFd, 0, len(pids))
	for _, pid := range pids {
		if fd, err := unix.PidfdOpen(pid, 0); err == nil {
			fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
	}
	defer func() {
		for fd := range slices.Values(fds) {
			_ = unix.Close(int(fd.Fd))
		}
	}()
	_, _ = unix.Poll(fds, int(limit.Milliseconds()))
}

// unwatch ends the watch of a worker, which goes on.
func (r *Runtime) unwatch(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.live[id]; w != nil {
		w.unwatch()
	}
}

func (r *Runtime) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}
