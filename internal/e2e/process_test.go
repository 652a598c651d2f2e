package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// process is a server, an agent or a headrace dev: a child that may be killed and started again.
type process struct {
	t    *testing.T
	name string
	args []string
	log  string // a file that all its lives append to

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and was waited for
}

// start starts it.
func (p *process) start() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(binary, p.args...)
	p.cmd.Stdout = log
	p.cmd.Stderr = log
	p.cmd.Dir = filepath.Dir(p.log)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the test is not theirs
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("cannot start %s: %v", p.name, err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan<- struct{}) {
		defer close(done)
		_ = cmd.Wait() // its exit code is in the process's state
	}(p.cmd, p.done)
}

// running says whether it was started and not ended.
func (p *process) running() bool { return p.cmd != nil }

// signal sends a signal.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("cannot send %s to %s: %v", s, p.name, err)
	}
}

// end sends a signal that ends it, waits until it is gone and returns its exit code, -1 after a signal.
func (p *process) end(s syscall.Signal) int {
	p.t.Helper()
	_ = p.cmd.Process.Signal(s) // it may be gone
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	select {
	case <-p.done:
	case <-limit.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		p.t.Errorf("%s did not end within a minute of %s", p.name, s)
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code
}

// ended says whether it has ended by itself, or was killed by somebody else.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill is what kill -9 does.
func (p *process) kill() { p.t.Helper(); p.end(syscall.SIGKILL) }
