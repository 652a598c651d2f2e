package placement

import (
	"context"
	"time"

	"github.com/headrace/headrace/server/placement/proposal"
)

// auditInterval is how often the book is compared with one that is made anew. Nothing is planned meanwhile: with 10,000
// nodes and 100,000 waiting runs for most of a second, with 1,000 of each for some 10 ms.
const auditInterval = 10 * time.Minute

// audit holds, once in a while, that the book is as one that is made anew. If not, something changed that the book did
// not hear of, which is a bug: plans were made on what is not so, and the door refused them at best. It is logged and
// counted, and the book made anew.
func (p *Placement) audit(ctx context.Context, from proposal.Source) {
	if from.Now.Sub(p.audited) < auditInterval {
		return
	}
	p.audited = from.Now
	difference := p.book.Differs(proposal.Build(from, p.book.Memory()))
	if difference == "" {
		return
	}
	p.cfg.Log.ErrorContext(ctx, "the planner's indexes are not as the state is; they are made anew, please report this",
		"record", from.View.Sequence, "kept", difference, "so far", p.rebuilds.Add(1))
	p.book.Fill(from)
}

// Rebuilds returns how often the planner's indexes were not as the state is, since this server was started. It should
// stay 0.
func (p *Placement) Rebuilds() uint64 { return p.rebuilds.Load() }
