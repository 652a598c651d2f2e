package runtime

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/every"
)

// starving watches for the kernel killing a process of a worker that goes on without it, such as a Python worker of a
// Spark executor.
type starving struct {
	events  *os.File        // something happened in the group when it can be read; nil: nobody tells
	ctx     context.Context // ends when nobody watches any more
	end     context.CancelFunc
	starved chan struct{}
	peak    int64 // of memory, in bytes, at least 1; valid once starved is closed
}

// watchMemory begins to watch a worker's group, if it has one. A worker that cannot be watched is told of at its end.
func watchMemory(cgroup string) (*starving, group) {
	watch := &starving{starved: make(chan struct{})}
	watch.ctx, watch.end = context.WithCancel(context.Background())
	if cgroup == "" {
		return watch, nil
	}
	g, err := openGroup(cgroup)
	if err == nil {
		watch.events, err = g.events()
	}
	if err != nil {
		return watch, nil
	}
	return watch, g
}

// How long a killing may take after the kernel told of something, and the pauses between looks for it, which double.
// Version 1 of control groups tells before it counts. Version 2 also tells whenever a group at its limit gives back
// pages of files, which may be all the time: so looks become few.
const (
	killWait     = 2 * time.Second
	killPause    = 10 * time.Millisecond
	maxKillPause = 500 * time.Millisecond
)

// follow waits until a process was killed for memory, or close.
func (s *starving) follow(g group) {
	buffer := make([]byte, 4<<10)
	for !s.see(g) {
		if _, err := s.events.Read(buffer); err != nil {
			return
		}
		s.await(g)
	}
}

// await waits until a killing that was told is counted.
func (s *starving) await(g group) {
	pauses := backoff.Doubling{First: killPause, Max: maxKillPause}
	for waited := time.Duration(0); !s.see(g) && waited < killWait; {
		pause := pauses.Next()
		if !every.Pause(s.ctx, pause) {
			return
		}
		waited += pause
	}
}

// see says whether a process was killed, and closes starved when it sees that first.
func (s *starving) see(g group) bool {
	if s.peak > 0 {
		return true
	}
	peak, oom := g.used()
	if !oom {
		return false
	}
	s.peak = max(peak, 1)
	close(s.starved)
	return true
}

// close ends follow. It is called once.
func (s *starving) close() {
	s.end()
	if s.events != nil {
		_ = s.events.Close()
	}
}

// Starved is closed when the kernel has killed a process of the worker for memory, and StarvedPeak is then the most
// memory that the worker had used. The worker may go on.
func (w *watched) Starved() <-chan struct{} { return w.memory.starved }

// StarvedPeak returns the most memory in bytes; call it when Starved is closed.
func (w *watched) StarvedPeak() int64 { return w.memory.peak }

// pollable makes a file of a descriptor whose reads wait without a thread.
func pollable(fd int, name string) (*os.File, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
