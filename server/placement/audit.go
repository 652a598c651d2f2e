package placement

import (
	"context"
	"time"

	"github.com/headrace/headrace/server/placement/proposal"
)

// auditInterval is how often the book is compared with one that is made anew, and auditStep how many of its rows are in
// one cycle, so that plans hardly wait for it: 100,000 waiting runs and 10,000 nodes take some 220 cycles.
const (
	auditInterval = 10 * time.Minute
	auditStep     = 1000
)

// audit is what is yet to be compared of a book.
type audit struct {
	began time.Time // also when the book was made anew
	left  []string  // ids
}

// compare holds, once in a while, that the book is as one that is made anew. If not, something changed that the book did
// not hear of, which is a bug: plans were made on what is not so, and the door refused them at best. It is logged and
// counted, and the book made anew.
//
// What drivers want, and who is left out, may have changed since the book has followed. The next cycle follows that, so
// a difference is then looked for again, in the same rows, by the next cycle. The channel was open when the news were
// taken.
func (p *Placement) compare(ctx context.Context, from proposal.Source, said <-chan struct{}) {
	if len(p.audit.left) == 0 {
		if from.Now.Sub(p.audit.began) < auditInterval {
			return
		}
		p.audit = audit{from.Now, p.book.IDs(from.View)}
	}
	step := p.audit.left[:min(len(p.audit.left), auditStep)]
	difference := p.book.Compare(from, step)
	switch {
	case difference == "":
		p.audit.left = p.audit.left[len(step):]
	case closed(said) || p.aside.some():
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
	p.audit = audit{began: from.Now}
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
