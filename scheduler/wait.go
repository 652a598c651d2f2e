package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/resource"
)

// reason says why something is not placed; nil means that it is. Most reasons are never read, and a plan may give one
// to every line, so the message is written when somebody asks for it. What it is written from are values of the moment
// of the decision.
type reason struct {
	kind   WaitKind
	format string
	args   []any
}

func because(kind WaitKind, format string, args ...any) *reason { return &reason{kind, format, args} }

// message writes the reason for people.
func (r *reason) message() string { return fmt.Sprintf(r.format, r.args...) }

// unserved says why no node at all serves a pool's class; it is nil if one does. Nodes that refused do not serve.
func (p *planner) unserved(pool *pool, avoid []string) *reason {
	if pool.count == 0 {
		return p.cluster.whyNone(pool)
	}
	refused := 0
	for i, id := range avoid {
		n := p.cluster.nodes[id]
		if n != nil && n.in(pool.zones[n.zone]) && !slices.Contains(avoid[:i], id) {
			refused++
		}
	}
	if refused < pool.count {
		return nil
	}
	return because(WaitArchitecture, "every node that could hold it (%d) refused to start it", refused)
}

// whyNone says why no node serves a class. It has to look at all nodes, so the pool keeps the answer until some come or
// go.
func (c *Cluster) whyNone(p *pool) *reason {
	if p.why == nil || p.whyAt != c.members {
		p.why = c.noneServes(p)
		p.whyAt = c.members
	}
	return p.why
}

func (c *Cluster) noneServes(p *pool) *reason {
	if len(c.nodes) == 0 {
		return because(WaitNoNodes, "no node holds a lease: start an agent, or look at the agents' logs")
	}
	machines := false
	for _, n := range c.nodes {
		if !p.class.fits(&n.Node) {
			continue
		}
		machines = true
		if p.where.Holds(n.labelled()) {
			return because(WaitRelease, "no node (of %d) holds release %s: run \"headrace release fetch %s\"",
				len(c.nodes), p.class.release, p.class.release)
		}
	}
	if machines {
		return c.noneMeets(p)
	}
	return because(WaitArchitecture, "no node (of %d) has %s", len(c.nodes), p.class.hardware())
}

func (k class) hardware() string {
	var asked []string
	if k.architecture != "" {
		asked = append(asked, "architecture "+k.architecture)
	}
	if k.shuffleDisk {
		asked = append(asked, "shuffle-optimised disk")
	}
	return strings.Join(asked, " and ")
}

// initial is a driver with so many workers, to be written for people.
type initial struct {
	driver, worker resource.Vector
	count          int64
}

// String writes the driver and its workers.
func (i initial) String() string {
	if i.count == 0 {
		return fmt.Sprintf("%s for its driver", i.driver)
	}
	return fmt.Sprintf("%s for its driver and %d %s of %s", i.driver, i.count, plural(i.count, "worker"), i.worker)
}

func (s *shape) initial(count int64) initial { return initial{s.driver.size, s.worker.size, count} }

func plural(n int64, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func overLimit(a *application, s *shape, least int64) *reason {
	need := s.least(least)
	if s.plain != nil && need.WithinLimit(a.Limit) {
		return because(WaitTooLarge,
			"needs at least %s, together %s, and application %s may hold %s at most, of which its pre-initialised "+
				"workers take %s: raise its maximum capacity, or make them fewer or large enough",
			s.initial(least), need, a.ID, a.Limit.Limits(), a.stock.promised())
	}
	return because(WaitTooLarge,
		"needs at least %s, together %s, and application %s may hold %s at most: raise its maximum capacity",
		s.initial(least), need, a.ID, a.Limit.Limits())
}

func (p *planner) overQuota(a *application, s *shape, least int64) *reason {
	taken := ""
	if s.plain != nil && s.least(least).WithinLimit(p.quota) {
		taken = fmt.Sprintf(", of which the pre-initialised workers of application %s take %s vCPU",
			a.ID, resource.FormatCPU(a.stock.promised().MilliCPU))
	}
	return because(WaitTooLarge,
		"needs at least %s, and the account's quota is %s vCPU%s: raise account_vcpu_quota of the servers",
		s.initial(least), resource.FormatCPU(p.quota.MilliCPU), taken)
}

// least is what a driver and so many workers hold together.
func (s *shape) least(workers int64) resource.Vector {
	return s.driver.size.Add(s.worker.size.Times(workers))
}

func quotaHeld(quota, held, need resource.Vector) *reason {
	return because(WaitAccountQuota, "needs %s vCPU; all applications hold %s vCPU, and the account's quota is %s vCPU",
		resource.FormatCPU(need.MilliCPU), resource.FormatCPU(held.MilliCPU), resource.FormatCPU(quota.MilliCPU))
}

func limitHeld(application string, limit, held, need resource.Vector) *reason {
	return because(WaitApplicationLimit, "needs %s; application %s holds %s and may hold %s at most",
		need, application, held, limit.Limits())
}

func blockedBy(a *application) *reason {
	return because(WaitApplicationLimit,
		"waits behind run %s, which waits for the maximum capacity of application %s (%s)",
		a.blocked, a.ID, a.Limit.Limits())
}

func nextPlan(count, placed, bound int64) *reason {
	return because(WaitNextPlan, "waits for the next plan with its %d %s: this plan has %d of at most %d",
		count, plural(count, "worker"), placed, bound)
}
