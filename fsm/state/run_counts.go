package state

// RunCounts is how many runs an application has in each state.
type RunCounts [RunCancelled + 1]int

// Unfinished counts the runs that are not over.
func (c RunCounts) Unfinished() (n int) {
	for s := RunSubmitted; s < RunSuccess; s++ {
		n += c[s]
	}
	return n
}

// Placed counts the runs that hold one of the application's places: those past QUEUED that are not over. A run keeps
// its place between attempts.
func (c RunCounts) Placed() (n int) {
	for s := RunPending; s < RunSuccess; s++ {
		n += c[s]
	}
	return n
}

// RunCounts returns how many runs an application has in each state.
func (v *View) RunCounts(application string) RunCounts { return v.runCounts.get(application) }

// count moves a run from one state to another; 0 is no state: the run is new, or leaves.
func (tx *Tx) count(application string, from, to JobRunState) {
	counts := tx.view.runCounts.get(application)
	if from != 0 {
		counts[from]--
	}
	if to != 0 {
		counts[to]++
	}
	tx.view.runCounts.put(application, counts)
}
