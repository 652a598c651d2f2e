package places

import (
	"context"
	"sync"
	"time"
)

// Places are those of one kind of work. They are safe for all goroutines.
type Places struct {
	all, each int

	mu     sync.Mutex
	taken  int
	shares map[string]int // by client; only those that have a place
}

// New returns places for so much at once, and for so much of each client.
func New(all, each int) *Places { return &Places{all: all, each: each, shares: map[string]int{}} }

// Take takes a place for a client, and returns what gives it back; nil when there is none.
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

// lookAgain is how often who waits looks for a place.
const lookAgain = 20 * time.Millisecond

// Wait is Take for who can wait for a while.
func (p *Places) Wait(ctx context.Context, client string, most time.Duration) (leave func()) {
	if leave := p.Take(client); leave != nil {
		return leave
	}
	ctx, cancel := context.WithTimeout(ctx, most)
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
