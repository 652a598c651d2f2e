package history

import (
	"cmp"
	"container/heap"
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/history/segment"
)

// bounds are those of a list: with as many, a page ends, and the next one goes on.
type bounds struct {
	looked  int // entries of indexes that are looked at; opening one counts as a block of them
	read    int // runs that are read
	indexes int // that are opened for a list of workers
}

// usual are the bounds of every server.
func usual() bounds { return bounds{looked: 1_000_000, read: 2_000, indexes: 4_000} }

// List is the runs of the history that a query may select, newest first. One goroutine uses it; Close ends it.
type List struct {
	session *session
	history *History
	view    *state.View
	query   segment.Query
	cursors cursors
	begin   string // the highest key at the beginning
	looked  int
	read    int
}

// List begins a list of the runs whose ids are below one, or of all if it is empty.
func (h *History) List(ctx context.Context, view *state.View, q segment.Query, before string) *List {
	if h == nil {
		return &List{session: &session{}}
	}
	l := &List{session: h.session(ctx), history: h, view: view, query: q}
	if q.Prefix != "" && (before == "" || q.Prefix+"~" < before) {
		before = q.Prefix + "~" // sorts after every id that begins so
	}
	if !q.Over() {
		return l
	}
	for of := range view.Segments("") {
		if l.mayHave(of, before) {
			l.cursors = append(l.cursors, cursorOf(of, before))
		}
	}
	heap.Init(&l.cursors)
	if len(l.cursors) > 0 {
		l.begin = l.cursors[0].key()
	}
	return l
}

// mayHave says whether a segment can have runs of the list.
func (l *List) mayHave(of *state.Segment, before string) bool {
	q := l.query
	return (before == "" || of.FirstRun < before) && of.LastRun >= q.Prefix &&
		(q.After.IsZero() || of.LastCreated.After(q.After)) &&
		(q.Before.IsZero() || of.FirstCreated.Before(q.Before))
}

// Close ends the list.
func (l *List) Close() { l.session.close() }

// Head returns the id of the newest run that is left, if it is above an id; empty: none is. If the list has looked at
// as much as one call may, more is the id below which it would go on.
func (l *List) Head(above string) (id, more string, err error) {
	for len(l.cursors) > 0 {
		top := l.cursors[0]
		if top.key() <= above {
			return "", "", nil
		}
		if len(top.found) > 0 {
			return l.headOf(top)
		}
		if l.looked >= l.history.bounds.looked && top.below < l.begin { // else the next call would be this one again
			return "", top.below, nil
		}
		if err := l.load(top); err != nil {
			return "", "", err
		}
	}
	return "", "", nil
}

func (l *List) headOf(top *cursor) (id, more string, err error) {
	if l.read >= l.history.bounds.read {
		return "", idAfter(top.found[0].ID), nil
	}
	return top.found[0].ID, "", nil
}

// load looks for the next runs of a segment.
func (l *List) load(top *cursor) error {
	err := l.session.search(top.of, func(x *segment.Index) error {
		found, looked, from, err := x.Below(l.query, top.below)
		if err == nil {
			l.looked += max(looked, segment.BlockEntries)
			top.found, top.below = found, from
		}
		return err
	})
	if err != nil {
		return err
	}
	if top.below != "" && top.below < l.query.Prefix {
		top.below = "" // what follows begins otherwise
	}
	l.settle(top)
	return nil
}

// settle has the cursor at the top find its place, or go.
func (l *List) settle(top *cursor) {
	if len(top.found) == 0 && top.below == "" {
		heap.Pop(&l.cursors)
		return
	}
	heap.Fix(&l.cursors, 0)
}

// Take reads the run that Head named, and returns a view that has it.
func (l *List) Take() (*state.View, *state.JobRun, error) {
	top := l.cursors[0]
	next := top.found[0]
	finished, err := l.session.read(top.of, next.Row, next.ID)
	if err != nil {
		return nil, nil, err
	}
	l.read++
	l.Skip()
	view := l.history.recalled(l.view, finished)
	return view, view.JobRun(finished.Run.GetJobRun().GetJobRunId()), nil
}

// Skip passes over the run that Head named.
func (l *List) Skip() {
	top := l.cursors[0]
	top.found = top.found[1:]
	l.settle(top)
}

// cursor is how far a list is in a segment.
type cursor struct {
	of    *state.Segment
	found []segment.Found // the next ones
	below string          // the id below which the rest is; empty: there is none
}

// cursorOf stands before the runs of a segment below an id.
func cursorOf(of *state.Segment, before string) *cursor {
	c := &cursor{of: of, below: idAfter(of.LastRun)}
	if before != "" {
		c.below = min(c.below, before)
	}
	return c
}

// key is not below the id of any run that is left of a segment.
func (c *cursor) key() string {
	if len(c.found) > 0 {
		return c.found[0].ID
	}
	return c.below
}

// cursors are a heap with the highest key at its top.
type cursors []*cursor

func (c cursors) Len() int { return len(c) }

func (c cursors) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(c[j].key(), c[i].key()), cmp.Compare(c[i].of.Name(), c[j].of.Name())) < 0
}

func (c cursors) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

// Push adds a cursor; package heap calls it.
func (c *cursors) Push(x any) { *c = append(*c, x.(*cursor)) }

// Pop removes the last cursor; package heap calls it.
func (c *cursors) Pop() any {
	last := len(*c) - 1
	popped := (*c)[last]
	*c = (*c)[:last]
	return popped
}

// idAfter returns the id that follows one.
func idAfter(id string) string {
	b := []byte(id)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == 'z' {
			b[i] = '0' // and one more before it
			continue
		}
		if b[i]++; b[i] == '9'+1 {
			b[i] = 'a'
		}
		return string(b)
	}
	return string(b)
}

// idBefore returns the id before one.
func idBefore(id string) string {
	b := []byte(id)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '0' {
			b[i] = 'z' // and one less before it
			continue
		}
		if b[i]--; b[i] == 'a'-1 {
			b[i] = '9'
		}
		return string(b)
	}
	return ""
}
