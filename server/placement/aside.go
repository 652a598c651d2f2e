package placement

import (
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/scheduler"
)

// How long a run or an application is left out when planning or deciding for it panics: asideFirst, then twice as long
// each time that it happens again, up to asideMax.
const (
	asideFirst = 10 * time.Second
	asideMax   = 10 * time.Minute
)

// aside holds, by id, the runs and applications that are left out for a while because the leader panicked while it
// planned or decided for them. All others are served meanwhile. It lives in the leader's memory.
type aside struct {
	mu     sync.Mutex
	spells map[string]spell
}

type spell struct {
	until  time.Time
	length time.Duration
}

// put leaves a run or an application out from now on.
func (a *aside) put(id string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spells == nil {
		a.spells = map[string]spell{}
	}
	length := min(max(asideFirst, 2*a.spells[id].length), asideMax)
	a.spells[id] = spell{now.Add(length), length}
}

// holds says whether a run or an application is left out now.
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
		if now.Sub(spell.until) > asideMax {
			delete(a.spells, id)
		}
	}
}

// guard returns a function that does a piece of work for a run or an application. If the work panics, that one is left
// out.
func (p *Placement) guard(now time.Time) func(id string, work func()) {
	return func(id string, work func()) {
		err := p.cfg.Panics.Do("work of the scheduler", func() error {
			work()
			return nil
		}, "for", id)
		if err != nil {
			p.aside.put(id, now)
		}
	}
}

// plan plans. If the planner panics, each application is tried alone, and those that make it panic are left out, so
// that they do not stop the others.
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
	others := without(in, func(application string) bool { return p.aside.holds(application, now) })
	plan, _ = p.try(others) // if this fails too, nothing is planned in this cycle
	return plan
}

func (p *Placement) try(in scheduler.Input) (plan scheduler.Output, err error) {
	err = p.cfg.Panics.Do("the scheduler", func() error {
		plan = p.planner(in)
		return nil
	}, "applications", len(in.Applications), "waiting", len(in.Waiting), "growing", len(in.Growing))
	return plan, err
}

// only returns the input of one application.
func only(in scheduler.Input, application string) scheduler.Input {
	return without(in, func(other string) bool { return other != application })
}

// without returns the input without some applications, in lists of its own.
func without(in scheduler.Input, left func(application string) bool) scheduler.Input {
	in.Applications = less(in.Applications, func(a scheduler.Application) bool { return left(a.ID) })
	in.Waiting = less(in.Waiting, func(r scheduler.Request) bool { return left(r.Application) })
	in.Growing = less(in.Growing, func(g scheduler.Growth) bool { return left(g.Application) })
	in.Slots = less(in.Slots, func(s scheduler.Slot) bool { return left(s.Application) })
	return in
}

// less returns the elements that do not go, in a list of their own.
func less[E any](all []E, goes func(E) bool) []E { return slices.DeleteFunc(slices.Clone(all), goes) }
