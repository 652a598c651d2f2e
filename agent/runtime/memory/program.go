package memory

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// Script says what the program of a worker does. It is called while the worker is started, and does not wait.
type Script func(runtime.Spec) Program

// Program is what one worker does.
type Program struct {
	// Refuse is the end of a worker that the machine cannot start; nil: it can.
	Refuse *runtime.Exit
	// Run returns when the program ends, soon after Stop is closed and at once after Kill is. The reason of its exit is
	// Exited unless it says another one, such as OutOfMemory, or somebody stopped it.
	Run func(*Process) runtime.Exit
}

// stoppedCode is the code of a program that ends when it is asked to.
const stoppedCode = 143

// Hangs runs until it is stopped.
func Hangs() Program { return Until(nil) }

// Until ends well when done is closed, or when it is stopped.
func Until(done <-chan struct{}) Program {
	return Program{Run: func(p *Process) runtime.Exit {
		select {
		case <-done:
			return runtime.Exit{}
		case <-p.Stop:
			return runtime.Exit{Code: stoppedCode}
		}
	}}
}

// Exits prints to stdout and ends with a code after a while, or when it is stopped.
func Exits(code int32, after time.Duration, said string) Program {
	return Program{Run: func(p *Process) runtime.Exit {
		p.Print("stdout", said)
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			return runtime.Exit{Code: code}
		case <-p.Stop:
			return runtime.Exit{Code: stoppedCode}
		}
	}}
}

// Stubborn runs until it is killed.
func Stubborn() Program {
	return Program{Run: func(p *Process) runtime.Exit {
		<-p.Kill
		return runtime.Exit{}
	}}
}

// Refuses is not started, because a file is missing that it needs.
func Refuses(why string) Program {
	return Program{Refuse: &runtime.Exit{Reason: runtime.FileNotFound, Code: 127, Message: why}}
}
