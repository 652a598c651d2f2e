package simnode

import (
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Script says what a worker does, from what its node was told of it.
type Script func(*agentv1.AssignedWorker) Program

// Program is what one worker does.
type Program struct {
	Refuse string             // the node refuses to start it, with these words
	Run    func(*Worker) Exit // returns when the worker ends; soon after Stop is closed, at once after Kill is
}

// Exit is how a program ended; its zero value is success.
type Exit struct {
	Code      int32
	Message   string // the end of its stderr
	PeakBytes int64  // above 0: it used more memory than it holds
}

// Exits ends at once.
func Exits(code int32, message string) Program {
	return Program{Run: func(*Worker) Exit { return Exit{Code: code, Message: message} }}
}

// OutOfMemory ends at once, for using more memory than it holds.
func OutOfMemory(peak int64) Program {
	return Program{Run: func(*Worker) Exit { return Exit{Code: 137, PeakBytes: peak} }}
}

// Refuses is not started.
func Refuses(why string) Program { return Program{Refuse: why} }

// RunsUntil ends well when done is closed, or when it is asked to stop.
func RunsUntil(done <-chan struct{}) Program {
	return Program{Run: func(w *Worker) Exit {
		select {
		case <-done:
			return Exit{}
		case <-w.Stop:
			return Exit{Code: 143}
		}
	}}
}

// RunsFor ends well after a while, or when it is asked to stop.
func RunsFor(d time.Duration) Program {
	return Program{Run: func(w *Worker) Exit {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return Exit{}
		case <-w.Stop:
			return Exit{Code: 143}
		}
	}}
}

// Hangs runs until it is asked to stop.
func Hangs() Program { return RunsUntil(nil) }

// Stubborn runs until it is killed.
func Stubborn() Program {
	return Program{Run: func(w *Worker) Exit {
		<-w.Kill
		return Exit{Code: 137}
	}}
}
