package servers

import (
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/agent/durable"
	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxServers bounds how many servers an agent remembers, and maxListeners at how many addresses they listen.
const (
	maxServers   = 64
	maxListeners = 4 * maxServers
)

// Config is what is needed to know and to call servers.
type Config struct {
	// DataDir is where servers are remembered.
	DataDir string
	// Configured are addresses, host:port, of at least one server.
	Configured []string
	// NodeID is whose calls they are.
	NodeID string
	// Credentials secure connections; nil: plain.
	Credentials credentials.TransportCredentials
	// DialOptions are added to every connection; a context dialer among them replaces the agent's own.
	DialOptions []grpc.DialOption
	// Dial connects a node to a server; nil: over a connection of its own, as said above. See Servers.Dial.
	Dial func(address, nodeID string) (Connection, error)
}

// Servers are the servers that the agent knows: those that a leader named, which alone count in a proof, and before
// that those of the configuration and those that they named. Its methods may be called by many goroutines.
type Servers struct {
	config  Config
	path    string
	changed chan struct{} // has a value when a leader named others

	mu    sync.Mutex
	known remembered
	hints []string
	kept  map[string]Connection // by address
}

// remembered is what outlives a restart of the agent.
type remembered struct {
	Addresses   []string `json:"addresses"`
	Listeners   []string `json:"listeners,omitempty"`
	LeaseMillis int64    `json:"lease_millis"`
}

// New returns the servers that were remembered, or else configured.
func New(config Config) (*Servers, error) {
	s := &Servers{
		config:  config,
		path:    filepath.Join(config.DataDir, "servers.json"),
		changed: make(chan struct{}, 1),
		hints:   slices.Clone(config.Configured),
		kept:    map[string]Connection{},
	}
	if _, err := durable.Load(s.path, &s.known); err != nil {
		return nil, errs.New(errs.Internal, "cannot read the known servers from %s: %w", s.path, err)
	}
	return s, nil
}

// Lease returns how long the leases of the last leader are; 0: none has said it.
func (s *Servers) Lease() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.LeaseMillis <= 0 {
		return 0
	}
	return lease.Of(s.known.LeaseMillis)
}

// Learn remembers what a leader says.
func (s *Servers) Learn(r *agentv1.Registered) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := remembered{
		Addresses:   r.GetServerAddresses(),
		Listeners:   r.GetListenerAddresses(),
		LeaseMillis: r.GetLeaseMilliseconds(),
	}
	if len(now.Addresses) == 0 || len(now.Addresses) > maxServers || len(now.Listeners) > maxListeners {
		return nil
	}
	if reflect.DeepEqual(s.known, now) {
		return nil
	}
	s.known = now
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return durable.Store(s.path, now)
}

// Changed has a value when a leader named other servers. One goroutine reads it.
func (s *Servers) Changed() <-chan struct{} { return s.changed }

// Listeners returns all addresses at which servers listen, as far as the agent knows.
func (s *Servers) Listeners() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(s.known.Listeners, s.known.Addresses, s.hints)
}

// Hint adds servers to ask for the leader.
func (s *Servers) Hint(addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range addresses {
		if !slices.Contains(s.hints, address) && len(s.hints) < maxServers {
			s.hints = append(s.hints, address)
		}
	}
}

// All returns whom to ask for the leader, and of those whom a proof counts.
func (s *Servers) All() (ask, known []string) {
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
