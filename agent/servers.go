package agent

import (
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// maxServers bounds how many servers an agent remembers.
const maxServers = 64

// servers are the servers that the agent knows: those that a leader named, which alone count in a proof, and before that those
// of the configuration and those that they named.
type servers struct {
	path string

	mu    sync.Mutex
	known remembered
	hints []string
}

// remembered is what outlives a restart of the agent.
type remembered struct {
	Addresses   []string `json:"addresses"`
	LeaseMillis int64    `json:"lease_millis"`
}

func loadServers(dataDir string, configured []string) (*servers, error) {
	s := &servers{path: filepath.Join(dataDir, "servers.json"), hints: slices.Clone(configured)}
	if _, err := loadJSON(s.path, &s.known); err != nil {
		return nil, errs.New(errs.Internal, "cannot read the known servers from %s: %w", s.path, err)
	}
	return s, nil
}

// lease returns the lease that the last leader named.
func (s *servers) lease() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.LeaseMillis <= 0 {
		return defaultLease
	}
	return time.Duration(s.known.LeaseMillis) * time.Millisecond
}

// learn remembers what a leader says.
func (s *servers) learn(addresses []string, leaseMillis int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := remembered{Addresses: slices.Clone(addresses), LeaseMillis: leaseMillis}
	if len(addresses) == 0 || len(addresses) > maxServers ||
		slices.Equal(s.known.Addresses, addresses) && s.known.LeaseMillis == leaseMillis {
		return nil
	}
	s.known = now
	return storeJSON(s.path, now)
}

// hint adds servers to ask for the leader.
func (s *servers) hint(addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range addresses {
		if !slices.Contains(s.hints, address) && len(s.hints) < maxServers {
			s.hints = append(s.hints, address)
		}
	}
}

// all returns whom to ask for the leader, and of those whom a proof counts.
func (s *servers) all() (ask, known []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known = slices.Clone(s.known.Addresses)
	ask = slices.Clone(known)
	for _, address := range s.hints {
		if !slices.Contains(ask, address) {
			ask = append(ask, address)
		}
	}
	return ask, known
}
