package agent

import (
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// assign takes a part of what a server wants. It returns false for one that is older than the newest. What a complete assignment does
// not name is stopped with its last part.
func (f *fleet) assign(a *agentv1.Assignment, named *named) bool {
	if !f.newest.accepts(a) {
		return false
	}
	named.add(a)
	f.pool.assign(a)
	for _, wanted := range a.GetWorkers() {
		f.assignOne(wanted)
	}
	f.dismiss(a.GetForget())
	if a.GetComplete() && !a.GetGoesOn() {
		f.pool.keep(named.slots)
		f.stopUnnamed(named.workers)
	}
	return true
}

func (f *fleet) assignOne(wanted *agentv1.AssignedWorker) {
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

// dismiss ends workers whose end no server asks for any more, and forgets them then.
func (f *fleet) dismiss(ids []string) {
	for _, id := range ids {
		if w := f.find(id); w != nil {
			w.end(runtime.Stopped, 0)
			w.setForget()
		}
	}
}

// stopUnnamed stops what a complete assignment does not name; what ended and was told is forgotten.
func (f *fleet) stopUnnamed(named map[string]bool) {
	for _, w := range f.all() {
		switch {
		case named[w.id]:
		case w.hasEnded() && f.outbox.told(w.id):
			w.setForget()
		default:
			w.end(runtime.Stopped, graceOf(w.view().wanted))
		}
	}
}
