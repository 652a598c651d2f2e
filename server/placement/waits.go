package placement

import "github.com/headrace/headrace/scheduler"

// Explain returns why a run waits, if the newest plan of this leader left it waiting.
func (p *Placement) Explain(run string) (scheduler.Wait, bool) { return p.wait(run) }

// ExplainApplication returns why pre-initialised slots of an application are missing, if the newest plan of this leader
// found no room for them.
func (p *Placement) ExplainApplication(id string) (scheduler.Wait, bool) { return p.wait(id) }

// wait asks the book. It waits while a plan is made.
func (p *Placement) wait(id string) (scheduler.Wait, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.book == nil {
		return scheduler.Wait{}, false
	}
	return p.book.Wait(id)
}

// Promise returns what the newest plan of this leader promised to a run that waits.
func (p *Placement) Promise(run string) (scheduler.Promise, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.book == nil {
		return scheduler.Promise{}, false
	}
	return p.book.Promise(run)
}
