// Package packing measures how well policies pack runs onto mixed machines, and how far that is from the best that any
// policy could do. Nothing here runs in a cluster: machines and runs are drawn from a seed, and time is simulated.
//
// The planner of Headrace is one of the policies, by the code that a leader runs. Beside it stand three that place one
// worker after the other on the machine with the best score: best fit, which fills the fullest machine; hybrid, which
// prefers machines whose free memory and vCPU have the proportions of the worker, and fills the fullest of these; and
// spread, which takes the emptiest.
// All of them place a run whole, its driver and all workers, in one zone, or not at all.
//
//	machine.go  machines of several kinds in zones
//	run.go      runs of EMR's worker sizes, and streams of them
//	policy.go   what a policy is; planner.go: the planner as one; score.go: those with a score
//	bound.go    the bound of linear programming; simplex.go: its solver; exact.go: the best packing of small cases
//	filling.go  runs that stay, until nothing fits; churn.go: a day of runs that come and end
//	report.go   all of it, as a table; plot.go: as a picture
package packing
