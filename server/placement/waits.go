package placement

import (
	"cmp"
	"sync"

	"github.com/headrace/headrace/scheduler"
)

// waits holds why runs, and slots of applications, were not placed by the newest plan.
type waits struct {
	mu   sync.Mutex
	byID map[string]scheduler.Wait
}

func (w *waits) set(lists ...[]scheduler.Wait) {
	byID := map[string]scheduler.Wait{}
	for _, list := range lists {
		for _, wait := range list {
			byID[cmp.Or(wait.Run, wait.Application)] = wait
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.byID = byID
}

func (w *waits) get(id string) (scheduler.Wait, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait, ok := w.byID[id]
	return wait, ok
}

// Explain returns why a run waits, if the newest plan of this leader left it waiting.
func (p *Placement) Explain(run string) (scheduler.Wait, bool) { return p.waits.get(run) }

// ExplainApplication returns why pre-initialised slots of an application are missing, if the newest plan of this leader
// found no room for them.
func (p *Placement) ExplainApplication(id string) (scheduler.Wait, bool) { return p.waits.get(id) }
