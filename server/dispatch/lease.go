package dispatch

import (
	"sync"
	"time"
)

// leases says until when each node may keep workers. It counts on this process's monotonic clock.
type leases struct {
	usual  time.Duration
	margin time.Duration // beyond the lease, before the node is declared lost

	mu    sync.Mutex
	nodes map[string]lease
}

// lease is one node's.
type lease struct {
	until time.Time
	heard time.Time // when its agent last said something that counts; zero: not to this leader
	ended bool      // the node is being declared lost: it is granted nothing until it registers again
}

// maxLease bounds what an agent may ask for when its restart is planned.
const maxLease = 5 * time.Minute

func newLeases(usual, margin time.Duration) *leases {
	return &leases{usual: usual, margin: margin, nodes: map[string]lease{}}
}

// grant extends a node's lease. The lease counts from when the leader last knew that a quorum follows it, not from when
// the request came: a leader that was cut off must not promise what its successor does not know. It returns what is
// left of the lease now. A lease never becomes shorter, and a lease that has ended stays ended.
func (l *leases) grant(node string, wanted time.Duration, contact, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.nodes[node]
	held.heard = now
	if held.ended {
		l.nodes[node] = held
		return 0
	}
	if until := contact.Add(max(l.usual, min(wanted, maxLease))); until.After(held.until) {
		held.until = until
	}
	l.nodes[node] = held
	return max(held.until.Sub(now), 0)
}

// begin gives a node a full lease if this leader has not heard of it yet.
func (l *leases) begin(node string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.nodes[node]; !known {
		l.nodes[node] = lease{until: now.Add(l.usual)}
	}
}

// admit gives a node that has registered a full lease, counted from a moment after which a quorum was known to follow
// this leader. What was counted before no longer makes the node lost, however little of that lease was left.
func (l *leases) admit(node string, contact time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := contact.Add(l.usual)
	if held := l.nodes[node]; !held.ended && held.until.After(until) {
		until = held.until // it was promised before
	}
	l.nodes[node] = lease{until: until, heard: contact}
}

// lastHeard returns when a node's agent last renewed its lease or registered; zero if it did neither.
func (l *leases) lastHeard(node string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nodes[node].heard
}

// forget drops the leases of nodes that are gone.
func (l *leases) forget(gone func(node string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for node := range l.nodes {
		if gone(node) {
			delete(l.nodes, node)
		}
	}
}

// end ends a node's lease if it and the margin have passed, and says whether it has ended.
func (l *leases) end(node string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, known := l.nodes[node]
	if known && now.After(held.until.Add(l.margin)) {
		held.ended = true
		l.nodes[node] = held
	}
	return held.ended
}
