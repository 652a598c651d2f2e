package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// start starts the worker, or returns why it cannot run.
func (s *shim) start() *Exit {
	begin := s.fork
	if s.spec.Crun != "" {
		begin = s.enclose
	}
	pid, err := begin()
	if err == nil {
		s.worker = pid
		return nil
	}
	s.group.leave()
	_ = s.group.remove()
	reason := StartRefused
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		reason = FileNotFound
	}
	return &Exit{Reason: reason, Code: 127, Message: fmt.Sprintf("cannot start %s: %v", s.spec.Args[0], err)}
}

// fork makes the process. It has a process group and log files of its own and no input, and dies with this thread.
func (s *shim) fork() (int, error) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if s.spec.User != nil {
		attr.Credential = &syscall.Credential{Uid: s.spec.User.UID, Gid: s.spec.User.GID}
	}
	pid, err := s.exec(s.spec.Args, &syscall.ProcAttr{Dir: s.spec.Dir, Env: s.spec.Env, Sys: attr})
	if err == nil {
		s.resetOOMScore(pid)
	}
	return pid, err
}

// exec runs a program in the worker's group, with its log files.
func (s *shim) exec(args []string, attr *syscall.ProcAttr) (int, error) {
	null, err := os.Open(os.DevNull)
	if err == nil {
		defer func() { _ = null.Close() }()
		err = s.openLogs()
	}
	if err != nil {
		return 0, err
	}
	attr.Files = []uintptr{null.Fd(), s.logs[0].Fd(), s.logs[1].Fd()}
	return s.group.start(func(sys *syscall.SysProcAttr) (int, error) {
		attr.Sys = sys
		return syscall.ForkExec(args[0], args, attr)
	}, attr.Sys)
}

// enclose makes the sandbox and the process in it, which is this shim's once crun is gone.
func (s *shim) enclose() (int, error) {
	bundle := sandbox.Held{Dir: filepath.Join(s.dir, bundleDir), Program: s.spec.Crun}
	if err := bundle.Arrange(); err != nil {
		return 0, err
	}
	if err := sandbox.Scope(); err != nil {
		return 0, err
	}
	crun, err := s.exec(bundle.Command(s.spec.ID), &syscall.ProcAttr{
		Dir: "/",
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return 0, err
	}
	status, err := awaitProcess(crun)
	if err != nil {
		return 0, err
	}
	if status.ExitStatus() != 0 {
		return 0, bundle.Failure()
	}
	return bundle.PID()
}

// awaitProcess returns how a child ended.
func awaitProcess(pid int) (status syscall.WaitStatus, err error) {
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			return status, err
		}
	}
}

// noteUnstarted corrects an exit that is crun's and not the program's: the program was there, and the kernel did not
// execute it. crun says so where the program would have written.
func (s *shim) noteUnstarted(exit *Exit) {
	if s.spec.Crun == "" || exit.Reason != Exited || exit.Code == 0 {
		return
	}
	said := make([]byte, sandbox.MaxFailure)
	n, _ := s.logs[1].ReadAt(said, 0)
	why, unstarted := sandbox.NotExecuted(said[:n])
	if !unstarted {
		return
	}
	*exit = Exit{
		Reason:  FileNotFound,
		Code:    127,
		Message: fmt.Sprintf("cannot start %s: %s", s.spec.Args[0], why),
	}
	if s.logs[1].Truncate(0) == nil {
		_, _ = fmt.Fprintln(s.logs[1], exit.Message)
	}
}

// openLogs opens stdout and stderr of the worker, which stay open to be measured.
func (s *shim) openLogs() error {
	folder := s.dir
	if s.spec.Logs != "" {
		folder = filepath.Join(s.dir, "..", "..", logsDir, s.spec.Logs)
	}
	for _, name := range []string{"stdout", "stderr"} {
		log, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		s.logs = append(s.logs, log)
	}
	return nil
}

// resetOOMScore makes the worker as likely to be killed for memory as any program: an agent that is protected must not
// protect its workers. Raising the score is always allowed, and a worker needs longer than this to use up the machine.
func (s *shim) resetOOMScore(pid int) {
	_ = os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte("0"), 0)
}
