// Package e2e holds the end-to-end tests: the binary itself, run as servers, agents and shims that are processes of
// their own on loopback, with real Spark, and with kill -9.
//
//	main_test.go       builds the binary once
//	cluster_test.go    a cluster with ports and directories of its own: started, watched, taken down, and nothing left
//	                   behind
//	process_test.go    one server or agent
//	proc_test.go       what /proc says: who belongs to a directory
//	node_test.go       a machine that dies
//	api_test.go        submissions, and what became of them
//	spark_test.go      Spark's applications, parameters and programs
//	wait_test.go       conditions instead of sleeps
//
// The other files are the tests. They run one after another, because they are about time and share the machine; only
// those that mostly wait, and bear that others take its time, run beside each other, when the rest is done. Programs in
// testdata wait for a file named go, so that a test decides what happens while they run.
//
// Environment: HEADRACE_RACE=1 builds the binary with the race detector; HEADRACE_E2E_RUNS is how many runs are
// submitted while leaders die, 1,000 by default; HEADRACE_E2E_SEED chooses when they die; HEADRACE_CACHE says where
// releases are, which are fetched when they are missing.
package e2e
