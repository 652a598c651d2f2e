package control

import (
	"context"
	"iter"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/history"
	"github.com/headrace/headrace/server/history/segment"
)

// listed is a run of a list, and a view that has it.
type listed struct {
	view *state.View
	run  *state.JobRun
}

// listing is the runs of the state and of the history, newest first. close ends it.
type listing struct {
	runs iter.Seq[listed]
	more string // the history was not looked through: the next page has the runs below this id; empty: it was
	err  error  // with which the runs ended
	past *history.List
}

func (l *listing) close() { l.past.Close() }

// withHistory adds to runs of the state, newest first, those of the history that a query may select, below an id. Of
// both only as much is read as is taken.
func (c *Control) withHistory(
	ctx context.Context, view *state.View, live iter.Seq[*state.JobRun], q segment.Query, before string,
) *listing {
	l := &listing{past: c.cfg.History.List(ctx, view, q, before)}
	l.runs = func(yield func(listed) bool) {
		next, stop := iter.Pull(live)
		defer stop()
		for {
			run, _ := next()
			if !l.until(run, yield) || run != nil && !yield(listed{view, run}) || run == nil {
				return
			}
		}
	}
	return l
}

// until yields the runs of the history that are newer than a run of the state, or all that are left for none. It says
// whether the list goes on.
func (l *listing) until(run *state.JobRun, yield func(listed) bool) bool {
	above := ""
	if run != nil {
		above = run.ID
	}
	for {
		id, more, err := l.past.Head(above)
		if l.more, l.err = more, err; err != nil || more != "" {
			return false
		}
		if id == "" {
			return true
		}
		found := listed{}
		if found.view, found.run, l.err = l.past.Take(); l.err != nil || !yield(found) {
			return false
		}
	}
}
