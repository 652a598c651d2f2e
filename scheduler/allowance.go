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
		limit: countWithin(a.Limit, a.used, size, math.MaxUint32),
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

// exhausted says which bound keeps further workers from being placed after so many were; nil if none does, and they
// lack room. What it returns says it of as many workers as are missing, as of now, also later.
func (p *planner) exhausted(
	a *application, size resource.Vector, allowed allowance, placed int64,
) (each func(missing int64) *reason) {
	switch {
	case placed == allowed.limit:
		id, limit, held := a.ID, a.Limit, a.used
		return func(missing int64) *reason { return limitHeld(id, limit, held, size.Times(missing)) }
	case placed == allowed.quota:
		quota, held := p.quota, p.held
		return func(missing int64) *reason { return quotaHeld(quota, held, size.Times(missing)) }
	case placed >= allowed.plan:
		p.full = true
		taken, bound := p.placed, p.bound
		return func(missing int64) *reason { return nextPlan(missing, taken, bound) }
	}
	return nil
}
