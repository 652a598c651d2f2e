package consensus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/hashicorp/raft"
)

const (
	raftConnections = 2 * maxFlying    // kept open per server; a few are used where the way is short
	raftIOTimeout   = 10 * time.Second // of one message between servers
)

// stream carries Raft's traffic over TCP, with mutual TLS when it is configured.
type stream struct {
	net.Listener
	advertise string
	client    *tls.Config // nil: plain
	lines     lines
}

// openStream listens. Who connects is turned away while the gate is closed.
func openStream(c Config, in *gate) (*stream, error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for Raft: %w", err)
	}
	s := &stream{advertise: c.Advertise}
	s.Listener = &lineListener{Listener: listener, lines: &s.lines, gate: in}
	if s.advertise == "" {
		s.advertise = listener.Addr().String()
	}
	if c.TLS != nil {
		s.Listener = tls.NewListener(s.Listener, c.TLS.Server)
		s.client = c.TLS.Client
	}
	return s, nil
}

// Dial connects to another server. After Close it fails: a server that stops must not go on sending heartbeats.
func (s *stream) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", string(address))
	if err != nil {
		return nil, err
	}
	if conn, err = s.lines.keep(conn); err != nil || s.client == nil {
		return conn, err
	}
	secure := tls.Client(conn, clientFor(s.client, string(address)))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// clientFor returns a configuration that expects the host of an address, unless it names a server already.
func clientFor(config *tls.Config, address string) *tls.Config {
	host, _, err := net.SplitHostPort(address)
	if err != nil || config.ServerName != "" {
		return config
	}
	named := config.Clone()
	named.ServerName = host
	return named
}

// Close stops listening and dialling, and ends every connection, also those that are in use: Raft goes on sending
// through a connection for as long as that stands, whatever became of its transport.
func (s *stream) Close() error { return errors.Join(s.Listener.Close(), s.lines.cut()) }

// Addr returns the address that the others use.
func (s *stream) Addr() net.Addr { return advertised(s.advertise) }

type advertised string

// Network returns tcp.
func (advertised) Network() string { return "tcp" }

// String returns host:port.
func (a advertised) String() string { return string(a) }

// openTransport returns the configured transport, or TCP.
func openTransport(c Config, in *gate) (raft.Transport, error) {
	if network, is := c.Transport.(*raft.NetworkTransport); is {
		return newPaced(network), nil
	}
	if c.Transport != nil {
		return c.Transport, nil
	}
	s, err := openStream(c, in)
	if err != nil {
		return nil, err
	}
	return newPaced(raft.NewNetworkTransportWithConfig(networkConfig(c, s))), nil
}

// networkConfig is how Raft speaks over a stream: one request at a time, as one record is in flight at most. When a
// connection breaks under Raft's pipelines, its end may wait for a request that waits for its end; that server would
// get no record any more from this leader, and Raft could not be stopped.
func networkConfig(c Config, s raft.StreamLayer) *raft.NetworkTransportConfig {
	return &raft.NetworkTransportConfig{
		Stream:                  s,
		MaxPool:                 raftConnections,
		MaxRPCsInFlight:         1,
		Timeout:                 raftIOTimeout,
		Logger:                  newRaftLog(c.Log),
		MsgpackUseNewTimeFormat: true,
	}
}

// closeTransport ends all traffic at once, also on connections that are in use.
func closeTransport(t raft.Transport) error {
	var err error
	if closer, ok := t.(raft.WithClose); ok {
		err = closer.Close()
	}
	if network, is := t.(*paced); is {
		network.CloseStreams()
	}
	return err
}
