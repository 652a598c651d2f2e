package agent

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// assign takes what a server wants. It returns false for an assignment that is older than the newest.
func (f *fleet) assign(a *agentv1.Assignment) bool {
	if !f.newest.accepts(a) {
		return false
	}
	f.pool.assign(a)
	named := map[string]bool{}
	for _, wanted := range a.GetWorkers() {
		named[wanted.GetWorkerId()] = true
		f.assignOne(wanted)
	}
	f.dismiss(a.GetForget())
	if a.GetComplete() {
		f.stopUnnamed(named)
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
			w.end(runtime.Stopped, time.Duration(w.view().wanted.GetGraceSeconds())*time.Second)
		}
	}
}
