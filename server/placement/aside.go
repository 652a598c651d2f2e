package placement

import (
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/scheduler"
)

// Whose wishes made the scheduler or a decision panic is left out for so long, and twice as long each time that it happens again.
const (
	asideFirst = 10 * time.Second
	asideMost  = 10 * time.Minute
)

// aside is runs and applications that are left out for a while, by id, because what they wish for made the leader panic. Everybody
// else is served meanwhile. It lives in the leader's memory.
type aside struct {
	mu     sync.Mutex
	spells map[string]spell
}

type spell struct {
	until  time.Time
	length time.Duration
}

// put leaves somebody out from now on.
func (a *aside) put(id string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spells == nil {
		a.spells = map[string]spell{}
	}
	length := min(max(asideFirst, 2*a.spells[id].length), asideMost)
	a.spells[id] = spell{now.Add(length), length}
}

// holds says whether somebody is left out now.
func (a *aside) holds(id string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.spells[id].until)
}

// forget drops spells that have been over for so long that they no longer count.
func (a *aside) forget(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, spell := range a.spells {
		if now.Sub(spell.until) > asideMost {
			delete(a.spells, id)
		}
	}
}

// guard returns what does a piece of work for somebody, who is left out when it panics.
func (p *Placement) guard(now time.Time) func(id string, work func()) {
	return func(id string, work func()) {
		err := p.cfg.Panics.Do("work of the scheduler", func() error { work(); return nil }, "for", id)
		if err != nil {
			p.aside.put(id, now)
		}
	}
}

// plan plans. When the planner panics, the applications whose wishes alone make it panic are left out, so that they stop nobody
// else.
func (p *Placement) plan(in scheduler.Input, now time.Time) scheduler.Output {
	plan, err := p.try(in)
	if err == nil {
		return plan
	}
	for _, application := range in.Applications {
		if _, err := p.try(only(in, application.ID)); err != nil {
			p.aside.put(application.ID, now)
		}
	}
	plan, _ = p.try(without(in, func(application string) bool { return p.aside.holds(application, now) })) // else nothing is planned in this turn
	return plan
}

func (p *Placement) try(in scheduler.Input) (plan scheduler.Output, err error) {
	err = p.cfg.Panics.Do("the scheduler", func() error {
		plan = p.planner(in)
		return nil
	}, "applications", len(in.Applications), "waiting", len(in.Waiting), "growing", len(in.Growing))
	return plan, err
}

// only is an input with the wishes of one application.
func only(in scheduler.Input, application string) scheduler.Input {
	return without(in, func(other string) bool { return other != application })
}

// without is an input that lacks the wishes of some applications.
func without(in scheduler.Input, left func(application string) bool) scheduler.Input {
	in.Applications = slices.DeleteFunc(slices.Clone(in.Applications), func(a scheduler.Application) bool { return left(a.ID) })
	in.Waiting = slices.DeleteFunc(slices.Clone(in.Waiting), func(r scheduler.Request) bool { return left(r.Application) })
	in.Growing = slices.DeleteFunc(slices.Clone(in.Growing), func(g scheduler.Growth) bool { return left(g.Application) })
	in.Slots = slices.DeleteFunc(slices.Clone(in.Slots), func(s scheduler.Slot) bool { return left(s.Application) })
	return in
}
