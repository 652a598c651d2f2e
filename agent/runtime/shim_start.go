package runtime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// start starts the worker, or returns why it cannot run.
func (s *shim) start() *Exit {
	pid, err := s.fork()
	if err == nil {
		s.worker = pid
		s.resetOOMScore()
		return nil
	}
	s.group.leave()
	_ = s.group.remove()
	reason := StartRefused
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EACCES) {
		reason = FileNotFound
	}
	return &Exit{Reason: reason, Code: 127, Message: fmt.Sprintf("cannot start %s: %v", s.spec.Args[0], err)}
}

// fork makes the process: own process group, own log files, no input, and the death of this thread as its own.
func (s *shim) fork() (int, error) {
	files, closeFiles, err := s.openFiles()
	defer closeFiles()
	if err != nil {
		return 0, err
	}
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if s.spec.User != nil {
		attr.Credential = &syscall.Credential{Uid: s.spec.User.UID, Gid: s.spec.User.GID}
	}
	dir := s.spec.Dir
	if dir == "" {
		dir = filepath.Join(s.dir, workDir)
	}
	return s.group.start(func(attr *syscall.SysProcAttr) (int, error) {
		return syscall.ForkExec(s.spec.Args[0], s.spec.Args, &syscall.ProcAttr{Dir: dir, Env: s.spec.Env, Files: files, Sys: attr})
	}, attr)
}

// openFiles opens stdin, stdout and stderr of the worker.
func (s *shim) openFiles() (fds []uintptr, closeAll func(), err error) {
	var open []*os.File
	closeAll = func() {
		for _, f := range open {
			_ = f.Close()
		}
	}
	logs := s.dir
	if s.spec.Logs != "" {
		logs = filepath.Join(s.dir, "..", "..", logsDir, s.spec.Logs)
	}
	for _, name := range []string{os.DevNull, filepath.Join(logs, "stdout"), filepath.Join(logs, "stderr")} {
		flags := os.O_RDONLY
		if name != os.DevNull {
			flags = os.O_WRONLY | os.O_APPEND | os.O_CREATE
		}
		f, err := os.OpenFile(name, flags, 0o600)
		if err != nil {
			return nil, closeAll, err
		}
		open = append(open, f)
		fds = append(fds, f.Fd())
	}
	return fds, closeAll, nil
}

// resetOOMScore makes the worker as likely to be killed for memory as any program: an agent that is protected must not protect
// its workers. Raising the score is always allowed, and a worker needs longer than this to use up the machine.
func (s *shim) resetOOMScore() {
	_ = os.WriteFile("/proc/"+strconv.Itoa(s.worker)+"/oom_score_adj", []byte("0"), 0)
}
