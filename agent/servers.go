package agent

import (
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxServers bounds how many servers an agent remembers, and maxListeners at how many addresses they listen.
const (
	maxServers   = 64
	maxListeners = 4 * maxServers
)

// servers are the servers that the agent knows: those that a leader named, which alone count in a proof, and before that those
// of the configuration and those that they named.
type servers struct {
	path    string
	changed chan struct{} // has a value when a leader named others

	mu    sync.Mutex
	known remembered
	hints []string
}

// remembered is what outlives a restart of the agent.
type remembered struct {
	Addresses   []string `json:"addresses"`
	Listeners   []string `json:"listeners,omitempty"`
	LeaseMillis int64    `json:"lease_millis"`
}

func loadServers(dataDir string, configured []string) (*servers, error) {
	s := &servers{path: filepath.Join(dataDir, "servers.json"), changed: make(chan struct{}, 1), hints: slices.Clone(configured)}
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
	return leaseOf(s.known.LeaseMillis)
}

// learn remembers what a leader says.
func (s *servers) learn(r *agentv1.Registered) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := remembered{Addresses: r.GetServerAddresses(), Listeners: r.GetListenerAddresses(), LeaseMillis: r.GetLeaseMilliseconds()}
	if len(now.Addresses) == 0 || len(now.Addresses) > maxServers || len(now.Listeners) > maxListeners || reflect.DeepEqual(s.known, now) {
		return nil
	}
	s.known = now
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return storeJSON(s.path, now)
}

// listeners returns all addresses of servers that the agent knows.
func (s *servers) listeners() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(s.known.Listeners, s.known.Addresses, s.hints)
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
