package proposal

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// IDs returns the ids of all that the book has or should have: nodes, applications, slots, and runs that are not over.
// Most stand there twice.
func (b *Book) IDs(view *state.View) (ids []string) {
	for node := range view.Nodes() {
		ids = append(ids, node.ID)
	}
	for application := range view.Applications("") {
		ids = append(ids, application.ID)
		for slot := range view.PoolOfApplication(application.ID) {
			ids = append(ids, slot.ID)
		}
	}
	for run := range view.Unfinished("") {
		ids = append(ids, run.ID)
	}
	for id := range b.cluster.IDs() {
		ids = append(ids, id)
	}
	for run := range b.waits {
		ids = append(ids, run)
	}
	return ids
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
