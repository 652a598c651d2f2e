package fleet

import (
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Assign takes a part of what a server wants. What a complete assignment does not name, Keep stops after its last part.
func (f *Fleet) Assign(a *agentv1.Assignment) {
	f.config.Slots.Assign(a)
	for _, wanted := range a.GetWorkers() {
		f.assignOne(wanted)
	}
	f.Dismiss(a.GetForget())
}

func (f *Fleet) assignOne(wanted *agentv1.AssignedWorker) {
	if w := f.find(wanted.GetWorkerId()); w != nil {
		w.want(wanted)
		return
	}
	w := newWorker(f, wanted)
	if wanted.GetDesired() == agentv1.Desired_DESIRED_STOP {
		w.end(runtime.Stopped, 0)
	}
	f.add(w)
}

// Dismiss ends workers whose end no server asks for any more, and forgets them then.
func (f *Fleet) Dismiss(ids []string) {
	for _, id := range ids {
		if w := f.find(id); w != nil {
			w.end(runtime.Stopped, 0)
			w.setForget()
		}
	}
}

// Keep stops all workers, and drops all slots, but those that a complete assignment names. What ended and was told is
// forgotten.
func (f *Fleet) Keep(workers, slotIDs map[string]bool) {
	f.config.Slots.Keep(slotIDs)
	for _, w := range f.all() {
		switch {
		case workers[w.id]:
		case w.hasEnded() && f.config.Outbox.Told(w.id):
			w.setForget()
		default:
			w.end(runtime.Stopped, graceOf(w.situation().wanted))
		}
	}
}
