package scheduler

import (
	"iter"
	"slices"
)

// verdict says why a line waits, from one ask on.
type verdict struct {
	first *ask // the oldest that waits
	reason
	each func(count int64) *reason // why so many workers are not placed, of growth; nil: the reason says it
	rest *reason                   // why all but the first wait; nil: like the first
}

// because returns the verdict on a line from an ask on; without a reason there is none.
func (a *ask) because(why *reason) *verdict {
	if why == nil {
		return nil
	}
	return &verdict{first: a, reason: *why}
}

// of returns why an ask waits.
func (v *verdict) of(a *ask) *reason {
	switch {
	case a != v.first && v.rest != nil:
		return v.rest
	case a != v.first && v.each != nil:
		return v.each(int64(a.count))
	}
	return &v.reason
}

// Wait says why a run waits, or grows no further, by the newest plan. It is false if that plan placed all that the run
// asked for, or left nothing of its line.
func (c *Cluster) Wait(run string) (Wait, bool) {
	a := c.asks[run]
	if a == nil || a.line.judged != c.plans || byAge(a, a.line.verdict.first) < 0 {
		return Wait{}, false
	}
	return a.wait(), true
}

// wait returns why an ask waits whose line was left by the newest plan.
func (a *ask) wait() Wait {
	why := a.line.verdict.of(a)
	return Wait{
		Run:         a.run,
		Application: a.line.owner.ID,
		Attempt:     a.attempt,
		Kind:        why.kind,
		Message:     why.message(),
	}
}

// Promise returns what the newest plan promised to a run.
func (c *Cluster) Promise(run string) (Promise, bool) {
	i := slices.IndexFunc(c.made, func(p Promise) bool { return p.Run == run })
	if i < 0 {
		return Promise{}, false
	}
	return c.made[i], true
}

// PoolWait says why pre-initialised slots of an application are missing, by the newest plan; false: none are.
func (c *Cluster) PoolWait(application string) (Wait, bool) {
	o := c.owners[application]
	if o == nil || o.judged != c.plans {
		return Wait{}, false
	}
	return o.wait, true
}

// left is what a plan left waiting: slots of an application, or a line from one ask on.
type left struct {
	owner *owner
	line  *line // nil: slots
}

// Waits yields all that the newest plan left waiting, in the order in which it was decided. It looks at every run that
// waits; who asks for one run calls Wait.
func (c *Cluster) Waits() iter.Seq[Wait] {
	return func(yield func(Wait) bool) {
		for _, l := range c.left {
			if l.line == nil && !yield(l.owner.wait) || l.line != nil && !l.line.waits(yield) {
				return
			}
		}
	}
}

// Short yields the growth that the newest plan did not place whole.
func (c *Cluster) Short() iter.Seq[Wait] {
	return func(yield func(Wait) bool) {
		for _, l := range c.left {
			if l.line != nil && l.line.key.grows && !l.line.waits(yield) {
				return
			}
		}
	}
}

// waits yields why the asks of a line wait that was left, and says whether it may go on.
func (l *line) waits(yield func(Wait) bool) (more bool) {
	more = true
	l.asks.Ascend(l.verdict.first, func(a *ask) bool {
		more = yield(a.wait())
		return more
	})
	return more
}
