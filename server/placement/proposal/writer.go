package proposal

import "github.com/headrace/headrace/fsm/state"

// writer brings a book up to date. It has the same builder as Build ask for one run, or describe one application, at a
// time, so the two cannot mean different things.
type writer struct {
	*Book
	builder builder
	touched map[string]bool // runs and applications to look at
	ordered []string        // the same, in the order in which they were touched
}

// touch notes a run or an application to look at.
func (w *writer) touch(id string) {
	if !w.touched[id] {
		w.touched[id] = true
		w.ordered = append(w.ordered, id)
	}
}

// touchAll touches a run, or an application with all its runs.
func (w *writer) touchAll(id string) {
	w.touch(id)
	if w.builder.View.Application(id) == nil {
		return
	}
	for run := range w.builder.View.Unfinished(id) {
		w.touch(run.ID)
	}
}

// rows takes in what a record changed.
func (w *writer) rows(changes *state.Changes) {
	for _, id := range changes.Nodes {
		w.node(id)
	}
	for _, id := range changes.Slots {
		w.slot(id)
	}
	for _, id := range changes.Applications {
		w.touch(id)
	}
	for _, id := range changes.Runs {
		w.touch(id)
	}
}

// lookAtTouched looks at everything that was touched. A change of an application may touch its runs meanwhile.
func (w *writer) lookAtTouched() {
	for i := 0; i < len(w.ordered); i++ {
		w.lookAt(w.ordered[i])
	}
}

// lookAt looks at a run or an application.
func (w *writer) lookAt(id string) {
	w.memory.forgetRun(id, w.builder.View)
	if run := w.builder.View.JobRun(id); run != nil {
		w.run(run)
	} else if application := w.builder.View.Application(id); application != nil {
		w.application(application)
	} else {
		w.forget(id)
	}
}

// all takes in all that there is by an id.
func (w *writer) all(id string) {
	w.node(id)
	w.slot(id)
	w.lookAt(id)
}

// node takes in what a node has free; one that takes nothing new is not there.
func (w *writer) node(id string) {
	if node := w.builder.View.Node(id); node != nil && node.Takes() {
		w.cluster.SetNode(w.builder.node(node))
	} else {
		w.cluster.RemoveNode(id)
	}
	w.memory.forgetNode(id, w.builder.View)
}

func (w *writer) slot(id string) {
	if slot := w.builder.View.Slot(id); slot != nil {
		w.cluster.SetSlot(slotOf(slot))
	} else {
		w.cluster.RemoveSlot(id)
	}
}

// application takes in an application. If what it says of its nodes changes, so do the needs of its runs.
func (w *writer) application(application *state.Application) {
	id := application.ID
	needs := application.Architecture + "\n" + application.Nodes.String()
	if before, known := w.needs[id]; known && before != needs {
		w.touchAll(id)
	}
	w.needs[id] = needs
	asked := w.ask(id, func() {
		w.builder.proposal.Input.Applications = append(w.builder.proposal.Input.Applications,
			w.builder.applicationOf(application))
	})
	for _, row := range asked.Input.Applications {
		w.cluster.SetApplication(row)
	}
	if w.builder.misses(application) {
		w.missing[id] = true
	} else {
		delete(w.missing, id)
	}
}

// run takes in what a run asks for, or why it is left out.
func (w *writer) run(run *state.JobRun) {
	asked := w.ask(run.ID, func() { w.builder.run(run) })
	switch {
	case len(asked.Input.Waiting) > 0:
		w.cluster.SetRequest(asked.Input.Waiting[0])
	case len(asked.Input.Growing) > 0:
		w.cluster.SetGrowth(asked.Input.Growing[0])
	default:
		w.cluster.RemoveAsk(run.ID)
	}
	delete(w.waits, run.ID)
	for _, wait := range asked.Waits {
		w.waits[run.ID] = wait
	}
}

// ask has the builder do something for a run or an application, returns what came of it, and notes when time alone
// would change that.
func (w *writer) ask(id string, build func()) *Proposal {
	asked := w.builder.proposal
	asked.Input.Applications = asked.Input.Applications[:0]
	asked.Input.Waiting = asked.Input.Waiting[:0]
	asked.Input.Growing = asked.Input.Growing[:0]
	asked.Waits = asked.Waits[:0]
	asked.Next = state.Moment(0)
	w.builder.guard(id, build)
	w.due.set(id, asked.Next)
	return asked
}

// forget drops a run or an application that is gone.
func (w *writer) forget(id string) {
	w.cluster.RemoveAsk(id)
	w.cluster.RemoveApplication(id)
	w.due.set(id, state.Moment(0))
	delete(w.waits, id)
	delete(w.missing, id)
	delete(w.needs, id)
}
