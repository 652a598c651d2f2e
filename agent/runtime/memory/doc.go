// Package memory is the twin of package runtime in memory: it holds workers without processes, without files of theirs
// and without root, so that thousands of real agents run in one process, on virtual time if a test wants it
// (testing/synctest).
//
// A Machine is what outlives an agent: homes, workers that run or have ended, their logs, and the lease, which ends
// workers by itself. An agent holds it by a Runtime, one after another (Open), as agents on a real machine follow one
// another. A Script says what programs do:
//
//	machine := memory.NewMachine(memory.Config{Script: func(spec runtime.Spec) memory.Program {
//		return memory.Exits(0, time.Minute, "hello\n")
//	}})
//	defer machine.Close()
//	config.Runtime = machine.Open()
//	a, err := agent.New(config, engine.Engines{Process: memory.NewEngine()})
//
//	machine.go  what outlives an agent; crash.go: what does not outlive the machine
//	runtime.go  what an agent does with it: homes, starts, ends; adopt.go, take.go, clean.go, logs.go, lease.go likewise
//	worker.go   a worker as an agent sees it
//	process.go  a worker as its program sees it
//	program.go  what programs do
//	engine.go   an engine that prepares nothing, and tells scripts what workers were assigned
//
// What is not here: files. A home has no Work, so an engine that writes there does not run here, nor does a history;
// LogsDir is empty, so logs are shipped nowhere. A contract test holds the two to the same behaviour.
package memory
