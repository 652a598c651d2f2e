package placement

import (
	"context"
	"iter"
	"time"

	"github.com/headrace/headrace/server/placement/proposal"
)

// auditInterval is how often the book is compared with one that is made anew, and auditStep how many of its rows are in
// one cycle, so that plans hardly wait for it: 100,000 waiting runs and 10,000 nodes take some 440 cycles, of which
// there is at least one a second.
const (
	auditInterval = 10 * time.Minute
	auditStep     = 500
)

// audit is a comparison of a book. Its zero value is one that is over.
type audit struct {
	began time.Time             // also when the book was made anew
	step  []string              // ids to compare now
	next  func() (string, bool) // the ids after these; nil: the audit is over
	stop  func()
}

func begin(now time.Time, ids iter.Seq[string]) audit {
	a := audit{began: now}
	a.next, a.stop = iter.Pull(ids)
	a.advance()
	return a
}

// end gives up what is not compared yet.
func (a *audit) end() {
	if a.stop != nil {
		a.stop()
	}
	*a = audit{began: a.began}
}

// advance goes on to the next step, if there is one.
func (a *audit) advance() {
	a.step = a.step[:0]
	for len(a.step) < auditStep {
		id, more := a.next()
		if !more {
			break
		}
		a.step = append(a.step, id)
	}
	if len(a.step) == 0 {
		a.end()
	}
}

// compare holds, once in a while, that the book is as one that is made anew. If not, something changed that the book
// did not hear of, which is a bug: plans were made on what is not so, and the door refused them at best. It is logged
// and counted, and the book made anew.
//
// What drivers want, and who is left out, is in no record, and may have changed since the book has followed: then said,
// which was taken before the book did, is closed, or somebody was put aside. A difference counts only if the next
// cycle, which has followed that as well, finds it again.
func (p *Placement) compare(ctx context.Context, from proposal.Source, said <-chan struct{}) {
	if p.audit.next == nil {
		if from.Now.Sub(p.audit.began) < auditInterval {
			return
		}
		p.audit = begin(from.Now, p.book.IDs(from.View))
	}
	difference := p.book.Compare(from, p.audit.step)
	switch {
	case difference == "":
		if p.audit.next != nil {
			p.audit.advance()
		}
	case closed(said) || p.aside.some(): // the same rows are compared again
	default:
		p.cfg.Log.ErrorContext(ctx,
			"the planner's indexes are not as the state is; they are made anew, please report this",
			"record", from.View.Sequence, "kept", difference, "so far", p.rebuilds.Add(1))
		p.fill(from)
	}
}

// fill makes the book anew, so there is nothing to compare.
func (p *Placement) fill(from proposal.Source) {
	p.book.Fill(from)
	p.audit.end()
	p.audit.began = from.Now
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Rebuilds returns how often the planner's indexes were not as the state is, since this server was started. It should
// stay 0.
func (p *Placement) Rebuilds() uint64 { return p.rebuilds.Load() }
