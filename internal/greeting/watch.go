package greeting

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
)

// probeTime is how long it may take to find out whether a server speaks TLS.
const probeTime = time.Second

// Dial connects to an address.
type Dial func(ctx context.Context, address string) (net.Conn, error)

// Watch watches the connections to one server. Its methods may be called by many goroutines.
type Watch struct {
	cause atomic.Pointer[Cause]
	plain bool
}

// New returns a Watch of connections with credentials.
func New(secure credentials.TransportCredentials) *Watch {
	return &Watch{plain: secure.Info().SecurityProtocol == "insecure"}
}

// Cause returns why the newest connection could not stand; nil: it stands, or nobody knows.
func (w *Watch) Cause() *Cause { return w.cause.Load() }

// Dialer returns dial, watched.
func (w *Watch) Dialer(dial Dial) Dial {
	return func(ctx context.Context, address string) (net.Conn, error) {
		w.cause.Store(nil)
		conn, err := dial(ctx, address)
		if err != nil || !w.plain {
			return conn, err
		}
		return &plain{Conn: conn, watch: w, dial: dial, address: address}, nil
	}
}

// plain is a connection without TLS. The server's first bytes tell whether it speaks gRPC.
type plain struct {
	net.Conn
	watch   *Watch
	dial    Dial
	address string
	once    sync.Once
}

// Read reads, and looks at what comes first. A server that says nothing before it ends may wait for TLS: that is tried.
func (p *plain) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	p.once.Do(func() {
		switch {
		case n > 0 && bytes.HasPrefix([]byte("HTTP/"), b[:min(n, 5)]):
			p.watch.cause.Store(&Cause{Fault: SpeaksHTTP, Address: p.address})
		case n > 0 && b[0] == tlsAlert, n == 0 && err != nil && !errors.Is(err, net.ErrClosed) && p.speaksTLS():
			p.watch.cause.Store(&Cause{Fault: SpeaksTLS, Address: p.address})
		}
	})
	return n, err
}

// tlsAlert is the first byte of what a server says in TLS that it does not understand.
const tlsAlert = 21

// speaksTLS says whether the server answers the beginning of TLS; with what does not matter.
func (p *plain) speaksTLS() bool {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	conn, err := p.dial(ctx, p.address)
	if err != nil {
		return false
	}
	defer conn.Close()
	heard := false
	probe := tls.Client(conn, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // nothing is said to it; only whether it speaks TLS is asked
		VerifyConnection: func(tls.ConnectionState) error {
			heard = true
			return nil
		},
	})
	_ = probe.HandshakeContext(ctx)
	return heard
}

// Credentials returns credentials, watched.
func (w *Watch) Credentials(secure credentials.TransportCredentials) credentials.TransportCredentials {
	if w.plain {
		return secure
	}
	return &watched{TransportCredentials: secure, watch: w}
}

// watched are credentials whose handshakes are watched.
type watched struct {
	credentials.TransportCredentials
	watch *Watch
}

// ClientHandshake shakes hands, and says why that failed.
func (c *watched) ClientHandshake(
	ctx context.Context,
	authority string,
	raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	address := raw.RemoteAddr().String()
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		c.watch.note(address, err)
		return conn, info, err
	}
	return &secured{Conn: conn, watch: c.watch, address: address}, info, nil
}

// Clone returns a copy that is watched, too.
func (c *watched) Clone() credentials.TransportCredentials {
	return &watched{TransportCredentials: c.TransportCredentials.Clone(), watch: c.watch}
}

// secured is a connection with TLS. With TLS 1.3 a server refuses a certificate only after the handshake.
type secured struct {
	net.Conn
	watch   *Watch
	address string
}

// Read reads, and looks at why it cannot.
func (s *secured) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if err != nil {
		s.watch.note(s.address, err)
	}
	return n, err
}

// note keeps what an error of TLS means, if it is one.
func (w *Watch) note(address string, err error) {
	var header tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var remote *net.OpError
	switch {
	case errors.As(err, &header) && bytes.HasPrefix(header.RecordHeader[:], []byte("HTTP/")):
		w.cause.Store(&Cause{Fault: SpeaksHTTP, Address: address})
	case errors.As(err, &header):
		w.cause.Store(&Cause{Fault: SpeaksPlain, Address: address})
	case errors.As(err, &verification):
		w.cause.Store(&Cause{Fault: Untrusted, Address: address, Err: verification.Err})
	case errors.As(err, &remote) && remote.Op == "remote error":
		w.cause.Store(&Cause{Fault: Refused, Address: address, Err: remote.Err})
	}
}
