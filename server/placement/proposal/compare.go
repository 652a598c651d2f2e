package proposal

import (
	"fmt"
	"iter"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// IDs yields the ids of all that the book has or should have: nodes, applications, slots, and runs that are not over.
// Most come twice. The book may go on to follow the state meanwhile; what changes then may come or not.
func (b *Book) IDs(view *state.View) iter.Seq[string] {
	return func(yield func(string) bool) {
		_ = idsOf(view, yield) && b.ids(yield)
	}
}

// idsOf yields what a book should have.
func idsOf(view *state.View, yield func(string) bool) bool {
	for node := range view.Nodes() {
		if !yield(node.ID) {
			return false
		}
	}
	for application := range view.Applications("") {
		if !yield(application.ID) {
			return false
		}
		for slot := range view.PoolOfApplication(application.ID) {
			if !yield(slot.ID) {
				return false
			}
		}
	}
	for run := range view.Unfinished("") {
		if !yield(run.ID) {
			return false
		}
	}
	return true
}

// ids yields what the book has.
func (b *Book) ids(yield func(string) bool) bool {
	for id := range b.cluster.IDs() {
		if !yield(id) {
			return false
		}
	}
	for run := range b.waits {
		if !yield(run) {
			return false
		}
	}
	return true
}

// Compare compares what the book has by some ids with what a book has by them that is made anew. The book has followed
// the same source before. It says what differs first; empty: nothing.
func (b *Book) Compare(from Source, ids []string) string {
	anew := NewBook(b.memory)
	w := anew.write(from)
	if kept, made := b.cluster.Bounds(), anew.cluster.Bounds(); kept != made {
		return fmt.Sprintf("bounds %+v, not %+v", kept, made)
	}
	for _, id := range ids {
		w.all(id)
		if difference := b.differsIn(id, anew); difference != "" {
			return difference
		}
	}
	return ""
}

// differsIn says in what two books differ by an id.
func (b *Book) differsIn(id string, anew *Book) string {
	kept := b.cluster.Of(id)
	made := anew.cluster.Of(id)
	if difference := kept.Differs(&made); difference != "" {
		return difference
	}
	keptWait, keptOut := b.waits[id]
	madeWait, madeOut := anew.waits[id]
	if keptOut != madeOut || keptWait != madeWait {
		return fmt.Sprintf("kept wait %+v, anew %+v", keptWait, madeWait)
	}
	return ""
}

// Differs compares the book with what Build made of the same source. It says what differs first; empty: nothing. Tests
// call it; a leader, which may have a hundred thousand runs, compares a few rows at a time.
func (b *Book) Differs(anew *Proposal) string {
	kept := b.cluster.Input()
	made := scheduler.NewClusterOf(anew.Input).Input()
	if difference := kept.Differs(&made); difference != "" {
		return difference
	}
	return b.otherWaits(anew)
}

// otherWaits says of which run the book knows another reason for being left out than Build; empty: of none.
func (b *Book) otherWaits(anew *Proposal) string {
	for _, wait := range anew.Waits {
		if b.waits[wait.Run] != wait {
			return fmt.Sprintf("kept wait %+v, anew %+v", b.waits[wait.Run], wait)
		}
	}
	if len(b.waits) != len(anew.Waits) {
		return fmt.Sprintf("kept %d waits, anew %d", len(b.waits), len(anew.Waits))
	}
	return ""
}
