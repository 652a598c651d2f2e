package runtime

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	stdruntime "runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// shim holds one worker. All its methods run on the one thread that ShimMain locked: the worker dies with that thread.
type shim struct {
	dir    string
	spec   Spec
	bootID string
	group  group
	worker int // its pid, and the id of its process group
	logs   []*os.File

	wanted    Reason           // why it is being stopped; empty: it is not
	deadline  time.Time        // when the polite stop becomes a kill
	grace     <-chan time.Time // fires then; nil: not being stopped
	leaseOver <-chan struct{}
	diskOver  <-chan string  // gets what the worker holds too much
	note      string         // for people, with its end
	ended     chan os.Signal // SIGCHLD
	asked     chan os.Signal // SIGTERM

	maxResidentBytes int64 // of any descendant
}

// ShimMain holds one worker until it has ended, and returns the exit code for the process. args is the worker's
// directory, or says that the shim is a spare, which is told its directory later. Call it first in main when the first
// argument is "shim", before anything that takes time.
func ShimMain(args []string) int {
	waits := len(args) == 2 && args[1] == spareArgument
	if len(args) != 1 && !waits {
		fmt.Fprintln(os.Stderr, "cannot hold a worker: shim is for the agent's own use")
		return 2
	}
	stdruntime.LockOSThread()
	syscall.CloseOnExec(reportFD)
	dir := args[0]
	if waits {
		var err error
		if dir, err = awaitDirectory(); dir == "" {
			return exitCode(err, "a worker")
		}
	}
	return exitCode(holdWorker(dir), "the worker in "+dir)
}

// holdWorker holds the worker of a directory until it has ended.
func holdWorker(dir string) error {
	s, err := newShim(dir)
	if err != nil {
		return err
	}
	return s.run(os.NewFile(reportFD, "report"))
}

// exitCode says why something could not be held, and returns the code for it.
func exitCode(err error, what string) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "cannot hold %s: %v\n", what, err)
	return 1
}

// newShim claims the worker. An agent that came back and found no shim may claim it, too: one of the two wins.
func newShim(dir string) (*shim, error) {
	s := &shim{
		dir:   dir,
		group: noGroup{},
		ended: make(chan os.Signal, 1),
		asked: make(chan os.Signal, 1),
	}
	if found, err := readJSON(filepath.Join(dir, specFile), &s.spec); err != nil || !found {
		return nil, fmt.Errorf("no specification: %w", err)
	}
	var err error
	if s.bootID, err = BootID(); err != nil {
		return nil, err
	}
	self, err := identifySelf(s.bootID)
	if err != nil {
		return nil, err
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	return s, claimJSON(filepath.Join(dir, shimFile), self)
}

// settle makes this process one that can hold a worker: it hears of all ends in the tree, and of requests to stop.
func (s *shim) settle() error {
	if s.spec.Apart {
		if err := sandbox.Enter(); err != nil {
			return err
		}
	}
	signal.Notify(s.ended, syscall.SIGCHLD)
	signal.Notify(s.asked, syscall.SIGTERM)
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// run starts the worker, says so, and sees it to its end.
func (s *shim) run(report *os.File) error {
	told := startReport{Note: s.makeGroup()}
	if refused := s.start(); refused != nil {
		told.Refused = refused
		err := writeJSON(filepath.Join(s.dir, exitFile), refused)
		s.tell(report, told)
		return err
	}
	told.Note = cmp.Or(told.Note, s.throttle())
	s.leaseOver = s.watchLease()
	s.diskOver = s.watchDisk()
	s.tell(report, told)
	s.group.leave()
	status := s.hold()
	s.clear()
	return s.record(status)
}

// makeGroup makes the worker's control group, or returns what it goes on without.
func (s *shim) makeGroup() (note string) {
	if s.spec.Cgroup == "" {
		return ""
	}
	made, err := makeGroup(s.spec.Cgroup, s.limits())
	if err != nil {
		return fmt.Sprintf("no limits by control group: %v", err)
	}
	s.group = made
	return ""
}

// limits returns what the worker may use. What makes its sandbox is in its group, too: on a small part of a CPU it
// would wait for the next period, and people with it, so the limit of CPU comes when that is done.
func (s *shim) limits() limits {
	return limits{
		milliCPU:    s.spec.MilliCPU,
		memoryBytes: s.spec.MemoryMiB << 20,
		processes:   s.spec.Processes,
		throttled:   s.spec.Crun == "",
	}
}

// throttle bounds the CPU of a worker that has its sandbox, or returns what it goes on without.
func (s *shim) throttle() (note string) {
	if s.spec.Crun == "" {
		return ""
	}
	if err := s.group.throttle(s.limits()); err != nil {
		return fmt.Sprintf("no limit of CPU: %v", err)
	}
	return ""
}

// tell reports to the agent, which may be gone.
func (s *shim) tell(report *os.File, told startReport) {
	_ = json.NewEncoder(report).Encode(told)
	_ = report.Close()
}

// record writes the exit; it comes last: when the exit is there, the tree is gone.
func (s *shim) record(status syscall.WaitStatus) error {
	peak, oom := s.group.used()
	exit := exitOf(status, s.wanted, oom)
	exit.PeakMemoryBytes = peak
	exit.Message = s.note
	exit.Starved = oom && exit.Reason != OutOfMemory
	s.noteUnstarted(&exit)
	if peak == 0 {
		exit.PeakMemoryBytes = s.maxResidentBytes
	}
	if err := s.group.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot remove the control group:", err)
	}
	return writeJSON(filepath.Join(s.dir, exitFile), exit)
}
