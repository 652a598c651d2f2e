package scheduler

import "slices"

// backfill has another look at what found no room: it may have what is kept for a promise if it surely ends before the
// promise is due.
func (p *planner) backfill() {
	placed := false
	for _, made := range p.kept {
		p.release(made)
		for _, l := range slices.Clone(p.cluster.left) {
			if p.endsBefore(l.line, made) {
				placed = p.backfillLine(l.line, made.zone) || placed
			}
		}
		p.withhold(made)
	}
	if placed {
		p.cluster.left = slices.DeleteFunc(p.cluster.left, func(l left) bool {
			return l.line != nil && l.line.judged != p.cluster.plans
		})
	}
}

// endsBefore says whether requests of a line that found no room surely end before a promise to others is due.
func (p *planner) endsBefore(l *line, made *promise) bool {
	return l != nil && l != made.line && l.request != nil && l.verdict.kind == WaitNoRoom &&
		l.judged == p.cluster.plans && l.key.longest > 0 && l.key.longest <= made.Due-p.cluster.bounds.Now
}

// backfillLine places what it can of a line that was left, in a zone that has more room than when it was left. It says
// whether anything was placed.
func (p *planner) backfillLine(l *line, zone int) (placed bool) {
	a := l.owner.application
	rest := l.asks.Iter()
	for more := rest.Seek(l.verdict.first); more; more = rest.Next() {
		if placed && a.blocked != "" { // only the first of the line is surely older than the run that waits for the limit
			l.verdict = *rest.Item().because(blockedBy(a))
			return placed
		}
		h := &head{line: l, ask: rest.Item()}
		if s, why := p.shapeOf(a, l); why == nil {
			s.forget(zone)
		}
		if v := p.request(a, h); v != nil {
			if placed {
				l.verdict = *v
			}
			return placed
		}
		placed = true
	}
	l.judged = 0
	return placed
}
