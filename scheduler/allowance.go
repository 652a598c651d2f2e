package scheduler

import (
	"math"

	"github.com/headrace/headrace/internal/resource"
)

// allowance is how many more workers of one size an application may have, by what bounds it.
type allowance struct {
	limit int64 // the application's maximum capacity
	quota int64 // the account's quota
	plan  int64 // the workers that this plan still takes
}

// allowance counts what the bounds leave an application now.
func (p *planner) allowance(a *application, size resource.Vector) allowance {
	allowed := allowance{
		limit: countWithin(a.Limit, a.Used, size, math.MaxUint32),
		quota: countWithin(p.quota, p.held, size, math.MaxUint32),
	}
	if !p.full {
		allowed.plan = p.bound - p.placed
	}
	return allowed
}

// of returns how many of the wanted workers all bounds allow.
func (w allowance) of(wanted int64) int64 {
	return max(min(wanted, w.limit, w.quota, w.plan), 0)
}

// exhausted says which bound keeps the missing workers from being placed after so many were; nil if none does, and they
// lack room.
func (p *planner) exhausted(a *application, size resource.Vector, allowed allowance, placed, missing int64) *reason {
	switch {
	case placed == allowed.limit:
		return limitHeld(a, size.Times(missing))
	case placed == allowed.quota:
		return p.quotaHeld(size.Times(missing))
	case placed >= allowed.plan:
		p.full = true
		return p.nextPlan(missing)
	}
	return nil
}
