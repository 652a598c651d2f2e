package avoidance

import (
	"slices"
	"sync"
	"time"
)

// A node is avoided for a minute, and twice as long each time that it fails again.
const (
	First = time.Minute
	Max   = 10 * time.Minute
)

// Store holds what is avoided. It is safe for all goroutines.
type Store struct {
	mu    sync.Mutex
	nodes map[string]map[string]spell // application → node → its newest spell
}

// spell is a time in which a node is avoided.
type spell struct {
	until  time.Time
	length time.Duration
}

// NewStore returns an empty store.
func NewStore() *Store { return &Store{nodes: map[string]map[string]spell{}} }

// Refused notes that a node could not prepare a slot of an application. Several slots that fail in the same spell count
// once.
func (s *Store) Refused(application, node string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nodes[application] == nil {
		s.nodes[application] = map[string]spell{}
	}
	last := s.nodes[application][node]
	if now.Before(last.until) {
		return
	}
	length := min(max(First, 2*last.length), Max)
	s.nodes[application][node] = spell{now.Add(length), length}
}

// Nodes returns the nodes that an application avoids now, by id.
func (s *Store) Nodes(application string, now time.Time) (nodes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for node, spell := range s.nodes[application] {
		if now.Before(spell.until) {
			nodes = append(nodes, node)
		}
	}
	slices.Sort(nodes)
	return nodes
}

// Forget drops spells that have been over for so long that they no longer count.
func (s *Store) Forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for application, nodes := range s.nodes {
		for node, spell := range nodes {
			if now.Sub(spell.until) > Max {
				delete(nodes, node)
			}
		}
		if len(nodes) == 0 {
			delete(s.nodes, application)
		}
	}
}

// Clear drops everything, as a server does that gains or loses leadership.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.nodes)
}
