package main

import (
	"os/exec"
	"syscall"
	"time"
)

// ownGroup lets the end of a command's context end the processes that the command started as well. Ctrl-C does not
// reach them by itself then, only through us.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
}
