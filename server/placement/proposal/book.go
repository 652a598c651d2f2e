package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// Book keeps the scheduler's cluster as Build would describe it, and looks only at what has changed since. It may be
// made anew at any time. It belongs to one goroutine.
type Book struct {
	memory  *Memory
	cluster *scheduler.Cluster
	waits   map[string]scheduler.Wait // runs that are left out, and why
	due     *due                      // when time alone changes what a run, or an application, asks for
	missing map[string]bool           // applications that miss slots: the nodes that they avoid change with time
	needs   map[string]string         // application → what it decides of the needs of its runs
	record  uint64                    // up to which it follows the state
	filled  bool
}

// Changed says what has changed since a Book was last brought up to date.
type Changed struct {
	Rows []*state.Changes // of the records since, in order
	IDs  []string         // runs and applications of which the leader has learnt something that is in no record
}

// NewBook returns a book that is yet to be filled.
func NewBook(memory *Memory) *Book {
	return &Book{
		memory:  memory,
		cluster: scheduler.NewCluster(),
		waits:   map[string]scheduler.Wait{},
		due:     newDue(),
		missing: map[string]bool{},
		needs:   map[string]string{},
	}
}

// Memory returns what is remembered between plans.
func (b *Book) Memory() *Memory { return b.memory }

// Cluster returns what plans are made on.
func (b *Book) Cluster() *scheduler.Cluster { return b.cluster }

// Record returns the record up to which the book follows the state; it is false if it has to be filled.
func (b *Book) Record() (record uint64, filled bool) { return b.record, b.filled }

// Break says that the book may not be what it should: it has to be filled.
func (b *Book) Break() { b.filled = false }

// Wait says why a run is left out, or waits by the newest plan, or why slots of an application are missing by it.
func (b *Book) Wait(id string) (scheduler.Wait, bool) {
	if wait, ok := b.waits[id]; ok {
		return wait, true
	}
	if wait, ok := b.cluster.Wait(id); ok {
		return wait, true
	}
	return b.cluster.PoolWait(id)
}

// Promise returns what the newest plan promised to a run.
func (b *Book) Promise(run string) (scheduler.Promise, bool) { return b.cluster.Promise(run) }

// Next returns when time alone would change the book, at most a second from now.
func (b *Book) Next(now time.Time) time.Time {
	next := now.Add(time.Second)
	if at, any := b.due.next(); any && at.Before(next) {
		return at
	}
	return next
}

// Fill makes the book anew.
func (b *Book) Fill(from Source) {
	*b = *NewBook(b.memory)
	b.memory.forget(from.View)
	w := b.write(from)
	for node := range from.View.Nodes() {
		w.node(node.ID)
	}
	for application := range from.View.Applications("") {
		w.application(application)
		for slot := range from.View.PoolOfApplication(application.ID) {
			w.slot(slot.ID)
		}
	}
	for run := range from.View.Unfinished("") {
		w.run(run)
	}
	b.filled = true
}

// Follow brings a book that is filled up to date.
func (b *Book) Follow(from Source, changed Changed) {
	for _, rows := range changed.Rows {
		if len(rows.Releases) > 0 { // every run of that release needs something else; it happens once in a while
			b.Fill(from)
			return
		}
	}
	b.filled = false // until it is through
	w := b.write(from)
	for _, rows := range changed.Rows {
		w.rows(rows)
	}
	for _, id := range changed.IDs {
		w.touchAll(id)
	}
	for id := range b.memory.refused {
		w.touch(id)
	}
	for id := range b.missing {
		w.touch(id)
	}
	for _, id := range b.due.until(from.Now) {
		w.touch(id)
	}
	w.lookAtTouched()
	b.memory.forgetRefused(from.View)
	b.filled = true
}

// write begins to bring the book up to date.
func (b *Book) write(from Source) *writer {
	b.cluster.SetBounds(bounds(from, b.memory))
	b.cluster.SetPromises(b.memory.promises)
	b.cluster.SetOccupants(from.occupants)
	b.record = from.View.Sequence
	return &writer{
		Book:    b,
		builder: builder{Source: from, memory: b.memory, proposal: &Proposal{}},
		touched: map[string]bool{},
	}
}
