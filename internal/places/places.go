package places

import (
	"context"
	"sync"
	"time"
)

// Places are how much of one kind of work may be under way at once. Their methods may be called by many goroutines.
type Places struct {
	all  int // places
	each int // places of one client at most

	mu     sync.Mutex
	taken  int
	shares map[string]int // how many places each client has; none of them is 0
}

// New returns that many places in all, of which one client may have so many.
func New(all, each int) *Places {
	return &Places{
		all:    all,
		each:   each,
		shares: map[string]int{},
	}
}

// Take takes a place for a client, and returns a function that gives it back. It returns nil if there is no place.
func (p *Places) Take(client string) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.all || p.shares[client] >= p.each {
		return nil
	}
	p.taken++
	p.shares[client]++
	return sync.OnceFunc(func() { p.leave(client) })
}

func (p *Places) leave(client string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.shares[client]--; p.shares[client] == 0 {
		delete(p.shares, client)
	}
}

// lookAgain is how often a caller that waits looks for a place.
const lookAgain = 20 * time.Millisecond

// Wait takes a place for a client, as Take does. If there is none, it waits for one, not longer than patience.
func (p *Places) Wait(ctx context.Context, client string, patience time.Duration) (leave func()) {
	if leave := p.Take(client); leave != nil {
		return leave
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if leave := p.Take(client); leave != nil {
				return leave
			}
		}
	}
}

// Bounds says how many places there are, and how many of them one client may have.
func (p *Places) Bounds() (all, each int) { return p.all, p.each }

// Taken says how many places are taken.
func (p *Places) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}
