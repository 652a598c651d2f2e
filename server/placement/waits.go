package placement

import (
	"sync"

	"github.com/headrace/headrace/scheduler"
)

// waits holds why runs were not placed by the newest plan.
type waits struct {
	mu    sync.Mutex
	byRun map[string]scheduler.Wait
}

func (w *waits) set(lists ...[]scheduler.Wait) {
	byRun := map[string]scheduler.Wait{}
	for _, list := range lists {
		for _, wait := range list {
			byRun[wait.Run] = wait
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.byRun = byRun
}

func (w *waits) get(run string) (scheduler.Wait, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait, ok := w.byRun[run]
	return wait, ok
}

// Explain returns why a run waits, if the newest plan of this leader left it waiting.
func (p *Placement) Explain(run string) (scheduler.Wait, bool) { return p.waits.get(run) }
