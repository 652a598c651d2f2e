package placement

import (
	"sync"
	"time"

	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/placement/proposal"
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
	news   []string // ids that were put since somebody took them
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
	a.news = append(a.news, id)
}

// take returns what was put since the last call.
func (a *aside) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	news := a.news
	a.news = nil
	return news
}

// some says whether there is something to take.
func (a *aside) some() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.news) > 0
}

// holds says whether a run or an application is left out now.
func (a *aside) holds(id string, now time.Time) bool { return now.Before(a.until(id)) }

// until says when a run or an application is no longer left out.
func (a *aside) until(id string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spells[id].until
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
// that they do not stop the others. It may have stopped half-way, so the book is made anew.
func (p *Placement) plan(from proposal.Source, book *proposal.Book) scheduler.Output {
	plan, err := p.try(book.Cluster())
	if err == nil {
		return plan
	}
	in := proposal.Build(from, book.Memory()).Input
	for _, application := range in.Applications {
		if _, err := p.try(scheduler.NewClusterOf(only(in, application.ID))); err != nil {
			p.aside.put(application.ID, from.Now)
		}
	}
	p.fill(from)
	plan, err = p.try(book.Cluster())
	if err != nil { // nothing is planned in this cycle
		book.Break()
	}
	return plan
}

func (p *Placement) try(cluster *scheduler.Cluster) (plan scheduler.Output, err error) {
	err = p.cfg.Panics.Do("the scheduler", func() error {
		plan = p.planner(cluster)
		return nil
	})
	return plan, err
}

// only returns the input of one application, in lists of its own.
func only(in scheduler.Input, application string) scheduler.Input {
	in.Applications = those(in.Applications, func(a scheduler.Application) bool { return a.ID == application })
	in.Waiting = those(in.Waiting, func(r scheduler.Request) bool { return r.Application == application })
	in.Growing = those(in.Growing, func(g scheduler.Growth) bool { return g.Application == application })
	in.Slots = those(in.Slots, func(s scheduler.Slot) bool { return s.Application == application })
	return in
}

// those returns the elements that stay, in a list of their own.
func those[E any](all []E, stays func(E) bool) (list []E) {
	for _, e := range all {
		if stays(e) {
			list = append(list, e)
		}
	}
	return list
}
