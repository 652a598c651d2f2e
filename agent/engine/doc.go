// Package engine is the contract between the agent and what runs one kind of program, such as Spark's drivers and
// executors.
//
// The agent decides when a worker begins, ends and is adopted, and holds its process (agent/runtime). An Engine knows
// the program: it fills the worker's home and says what to run (Prepare), accompanies it while it runs (Attach,
// Update), and lets it go (Detach). It may be able to do more, which the agent finds out by asking for the interface:
//
//	Runtimes        knows what its workers can run on, which the node tells servers
//	Warmer          keeps processes waiting in slots, each of which becomes a worker (Waiting)
//	UserInterfaces  shows people pages of drivers, and of attempts that are over
//
// Package spark has the engine of Spark, package process the one that runs any program. A test writes its own.
//
//	engine.go       the contract, and Runtimes and UserInterfaces
//	warmer.go       Warmer, and Waiting
//	engines.go      the engines of an agent, by program
//	environment.go  variables as a program gets them
//	upload.go       files that users gave the servers, put into working directories
//	start_error.go  why a worker cannot start
package engine
