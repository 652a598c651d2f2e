package consensus

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

const (
	raftConnections = 3                // kept open per server
	raftIOTimeout   = 10 * time.Second // of one message between servers
)

// stream carries Raft's traffic over TCP, with mutual TLS when it is configured.
type stream struct {
	net.Listener
	advertise string
	client    *tls.Config // nil: plain
	closed    atomic.Bool
}

// openStream listens.
func openStream(c Config) (*stream, error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for Raft: %w", err)
	}
	s := &stream{Listener: listener, advertise: c.Advertise}
	if s.advertise == "" {
		s.advertise = listener.Addr().String()
	}
	if c.TLS != nil {
		s.Listener = tls.NewListener(listener, c.TLS.Server)
		s.client = c.TLS.Client
	}
	return s, nil
}

// Dial connects to another server. After Close it fails: a server that stops must not go on sending heartbeats.
func (s *stream) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	if s.closed.Load() {
		return nil, net.ErrClosed
	}
	dialer := &net.Dialer{Timeout: timeout}
	if s.client == nil {
		return dialer.Dial("tcp", string(address))
	}
	return tls.DialWithDialer(dialer, "tcp", string(address), s.client)
}

// Close stops listening and dialling.
func (s *stream) Close() error {
	s.closed.Store(true)
	return s.Listener.Close()
}

// Addr returns the address that the others use.
func (s *stream) Addr() net.Addr { return advertised(s.advertise) }

type advertised string

// Network returns tcp.
func (advertised) Network() string { return "tcp" }

// String returns host:port.
func (a advertised) String() string { return string(a) }

// openTransport returns the configured transport, or TCP.
func openTransport(c Config) (raft.Transport, error) {
	if c.Transport != nil {
		return c.Transport, nil
	}
	s, err := openStream(c)
	if err != nil {
		return nil, err
	}
	return raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream:                  s,
		MaxPool:                 raftConnections,
		Timeout:                 raftIOTimeout,
		Logger:                  newRaftLog(c.Log),
		MsgpackUseNewTimeFormat: true,
	}), nil
}

// closeTransport ends all traffic, also on connections that are open.
func closeTransport(t raft.Transport) error {
	var err error
	if closer, ok := t.(raft.WithClose); ok {
		err = closer.Close()
	}
	if network, ok := t.(*raft.NetworkTransport); ok {
		network.CloseStreams()
	}
	return err
}
