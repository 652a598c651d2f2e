package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// maxLooks bounds the requests for which one plan looks for a promise, and those for which it looks for an eviction.
const maxLooks = 8

// look lets those into promised room that end in time, and makes further promises.
func (p *planner) look() {
	if len(p.kept) > 0 {
		p.backfill()
	}
	if !p.cluster.bounds.Look || p.cluster.occupants == nil {
		return
	}
	if least := p.cluster.bounds.Yields; least > 0 {
		for _, l := range p.lacking(func(l *line) bool { return l.key.priority >= least }) {
			p.evict(l)
		}
	}
	for _, l := range p.lacking(p.waitsLong) {
		p.promise(l)
	}
}

// lacking returns lines that were left for lack of room, as many as one plan looks for: the highest priority first,
// then the one that waits longest.
func (p *planner) lacking(which func(*line) bool) (lines []*line) {
	for _, left := range p.cluster.left {
		if l := left.line; l != nil && l.request != nil && l.verdict.kind == WaitNoRoom && which(l) {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(x, y *line) int {
		return cmp.Or(
			cmp.Compare(y.key.priority, x.key.priority),
			cmp.Compare(x.verdict.first.since, y.verdict.first.since),
			cmp.Compare(x.verdict.first.run, y.verdict.first.run),
		)
	})
	return p.turn(lines)
}

// turn returns the lines for which this plan looks: half of them are the first, and the others get their turn, so that
// the first do not keep all others waiting if there is nothing to be found for them.
func (p *planner) turn(lines []*line) []*line {
	if len(lines) <= maxLooks {
		return lines
	}
	const half = maxLooks / 2
	others := lines[half:]
	begin := int(p.cluster.bounds.Turn * half % uint64(len(others)))
	chosen := slices.Clone(lines[:half])
	for i := range others {
		if since := (i - begin + len(others)) % len(others); since < maxLooks-half {
			chosen = append(chosen, others[i])
		}
	}
	return chosen
}

// waitsLong says whether the oldest of a line has run out of patience, and has no promise.
func (p *planner) waitsLong(l *line) bool {
	since := l.verdict.first.since
	return since > 0 && p.cluster.bounds.Now-since >= p.cluster.bounds.Patience && p.promiseOf(l) == nil
}

// promiseOf returns the promise to a line, or nil.
func (p *planner) promiseOf(l *line) *promise {
	for _, made := range p.kept {
		if made.line == l {
			return made
		}
	}
	return nil
}

// promise promises nodes to the oldest of a line, in the zone where it fits soonest. A zone that is promised to a lower
// priority is taken from that.
func (p *planner) promise(l *line) {
	var best *emptying
	var due int64
	s, count := p.wantedBy(l)
	if s == nil {
		return
	}
	for zone := range p.cluster.zones {
		if !p.mayPromise(l, zone) {
			continue
		}
		e := &emptying{ground: p.groundOf(s, zone), shape: s, zone: zone, count: count}
		if e.shortest() && (best == nil || e.due() < due) {
			best = e
			due = e.due()
		}
	}
	if best == nil || best.gone == 0 { // it will have room in the next plan
		return
	}
	p.makePromise(l, best.zone, due, best.arrange())
}

// makePromise promises nodes of a zone to the oldest of a line. What was promised to it, or in the zone, is withdrawn.
func (p *planner) makePromise(l *line, zone int, due int64, nodes []keeping) {
	p.withdraw(func(made *promise) bool { return made.zone == zone || made.line == l })
	p.keep(&promise{
		Promise: Promise{
			Run:  l.verdict.first.run,
			Zone: p.cluster.zones[zone],
			Made: p.cluster.bounds.Now,
			Due:  due,
		},
		line:  l,
		zone:  zone,
		nodes: nodes,
	})
}

// wantedBy returns the shape of a line's requests, and how many workers start with the driver.
func (p *planner) wantedBy(l *line) (*shape, int64) {
	h := &head{line: l, ask: l.verdict.first}
	if p.lookAt(l.owner.application, h) != nil {
		return nil, 0
	}
	return h.shape, h.count
}

// mayPromise says whether a zone is promised to nobody, or to a lower priority.
func (p *planner) mayPromise(l *line, zone int) bool {
	return !slices.ContainsFunc(p.kept, func(made *promise) bool {
		return made.zone == zone && made.line.key.priority >= l.key.priority
	})
}

// withdraw takes back promises.
func (p *planner) withdraw(which func(*promise) bool) {
	p.kept = slices.DeleteFunc(p.kept, func(made *promise) bool {
		if which(made) {
			p.release(made)
			return true
		}
		return false
	})
}

// due is when the last has gone that had to.
func (e *emptying) due() int64 {
	if e.gone == 0 {
		return 0
	}
	return e.goers[e.gone-1].Ends
}

// say adds to the reason of the one that has the promise what is promised to it.
func (made *promise) say() {
	v := &made.line.verdict
	if v.kind != WaitNoRoom {
		return
	}
	others := v.reason
	v.rest = &others
	v.reason = *because(WaitNoRoom, "%s; %s", &others, made)
}

// String writes the reason for people.
func (r *reason) String() string { return r.message() }

// String says what is promised, for people. Which nodes these are, Cluster.Promise says.
func (made *promise) String() string {
	return fmt.Sprintf("it is promised room on %d %s of zone %s as it becomes free, until %s at worst",
		len(made.Nodes), plural(int64(len(made.Nodes)), "node"), made.Zone,
		time.Unix(0, made.Due).UTC().Format(time.RFC3339))
}
