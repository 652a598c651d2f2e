package slots

import (
	"fmt"

	"github.com/headrace/headrace/agent/runtime"
)

// starved says that the kernel has killed a process of a worker for memory, such as its Python. Who waits is of no use
// then: it lacks that process, and the count of those that were killed, which is its control group's, would be that of
// the run.
func starved(w runtime.Worker) error {
	select {
	case <-w.Starved():
		return fmt.Errorf("a process of what waited in its slot was killed for memory (peak %d MiB)",
			w.StarvedPeak()>>20)
	default:
		return nil
	}
}
