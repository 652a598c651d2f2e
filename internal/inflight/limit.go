package inflight

import (
	"context"
	"sync"
	"time"
)

// Limit is how much of one kind of work may be under way at once: so many places. Its methods may be called by many
// goroutines.
type Limit struct {
	all  int // places
	each int // places of one client at most

	mu     sync.Mutex
	taken  int
	shares map[string]int // how many places each client has; none of them is 0
}

// New returns a limit of that many places in all, of which one client may have so many.
func New(all, each int) *Limit {
	return &Limit{
		all:    all,
		each:   each,
		shares: map[string]int{},
	}
}

// Take takes a place for a client, and returns a function that gives it back. It returns nil if there is no place.
func (l *Limit) Take(client string) (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken >= l.all || l.shares[client] >= l.each {
		return nil
	}
	l.taken++
	l.shares[client]++
	return sync.OnceFunc(func() { l.leave(client) })
}

func (l *Limit) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken--
	if l.shares[client]--; l.shares[client] == 0 {
		delete(l.shares, client)
	}
}

// lookAgain is how often a caller that waits looks for a place.
const lookAgain = 20 * time.Millisecond

// Wait takes a place for a client, as Take does. If there is none, it waits for one, not longer than patience.
func (l *Limit) Wait(ctx context.Context, client string, patience time.Duration) (leave func()) {
	if leave := l.Take(client); leave != nil {
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
			if leave := l.Take(client); leave != nil {
				return leave
			}
		}
	}
}

// Bounds says how many places there are, and how many of them one client may have.
func (l *Limit) Bounds() (all, each int) { return l.all, l.each }

// Taken says how many places are taken now.
func (l *Limit) Taken() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken
}
