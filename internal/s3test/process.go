package s3test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// errEnded is that the server's process ended by itself.
var errEnded = errors.New("its process ended")

// process is a program that runs until it is stopped.
type process struct {
	command *exec.Cmd
	log     string
	ended   chan struct{} // closed once the process is gone
}

// startProcess runs a program whose output goes to a file. The caller stops it.
func startProcess(command *exec.Cmd, log string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("cannot write the log of an S3 server: %w", err)
	}
	defer func() { _ = out.Close() }() // the process has its own
	command.Stdout = out
	command.Stderr = out
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start an S3 server: %w", err)
	}
	p := &process{command: command, log: log, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = command.Wait() // how it ended is of no interest
	}()
	return p, nil
}

// stop kills the process and waits until it is gone.
func (p *process) stop() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// said returns the process's output.
func (p *process) said() []byte {
	out, _ := os.ReadFile(p.log)
	return out
}
