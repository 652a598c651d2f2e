package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/internal/seldom"
)

// What clients and agents get wrong about a port is logged here, too, by host once a minute: whoever looks at the
// server's log finds why a node does not come.
const (
	saysTLS   = "who connects speaks TLS, and this server does not: set tls here, or leave it out there"
	saysHTTP  = "who connects speaks HTTP to the port of gRPC: the HTTP API is at http_address"
	saysGRPC  = "who connects speaks gRPC to the port of the HTTP API: gRPC is at grpc_address"
	saysPlain = "a connection fails before anything is asked: TLS does not agree"
)

// mistaken logs what who connects gets wrong.
type mistaken struct{ log *seldom.Log }

func newMistaken(log *slog.Logger) *mistaken { return &mistaken{seldom.New(log)} }

// tell logs it, unless that was within a minute about the same host.
func (m *mistaken) tell(address, what string, args ...any) {
	host := inflight.Address(address)
	m.log.Of(slog.LevelWarn, host, what, append(args, "from", host)...)
}

// credentials returns credentials of a listener whose handshakes that fail are logged.
func (m *mistaken) credentials(secure credentials.TransportCredentials) credentials.TransportCredentials {
	return &told{TransportCredentials: secure, mistaken: m}
}

type told struct {
	credentials.TransportCredentials
	mistaken *mistaken
}

// ServerHandshake shakes hands. Who only looks whether the port is open, and says nothing, is not logged.
func (t *told) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := t.TransportCredentials.ServerHandshake(raw)
	if err != nil && !errors.Is(err, io.EOF) {
		t.mistaken.tell(raw.RemoteAddr().String(), saysPlain, "error", err)
	}
	return conn, info, err
}

// Clone returns a copy that logs, too.
func (t *told) Clone() credentials.TransportCredentials {
	return &told{TransportCredentials: t.TransportCredentials.Clone(), mistaken: t.mistaken}
}

// listen returns a listener without TLS, which looks at the first bytes of each connection. isHTTP says whether those
// of HTTP are right there.
func (m *mistaken) listen(inner net.Listener, isHTTP bool) net.Listener {
	return &looking{Listener: inner, mistaken: m, isHTTP: isHTTP}
}

type looking struct {
	net.Listener
	mistaken *mistaken
	isHTTP   bool
}

// Accept waits for the next connection.
func (l *looking) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &looked{Conn: conn, at: l}, nil
}

// looked is a connection whose first bytes are looked at.
type looked struct {
	net.Conn
	at   *looking
	once sync.Once
}

// tlsHandshake is the first byte of a connection with TLS.
const tlsHandshake = 22

// Read reads, and looks at what comes first.
func (l *looked) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.once.Do(func() { l.look(b[:n]) })
	}
	return n, err
}

func (l *looked) look(first []byte) {
	from := l.RemoteAddr().String()
	switch {
	case first[0] == tlsHandshake:
		l.at.mistaken.tell(from, saysTLS)
	case !l.at.isHTTP && looksLikeHTTP(string(first)):
		l.at.mistaken.tell(from, saysHTTP)
	}
}

// looksLikeHTTP says whether a text begins a request of HTTP 1.
func looksLikeHTTP(text string) bool {
	for _, method := range []string{"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "} {
		if strings.HasPrefix(text, method) {
			return true
		}
	}
	return false
}

// noGRPC answers clients of gRPC that call the port of the HTTP API, in their way, and has next answer all others.
func (s *Server) noGRPC(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "PRI": // how HTTP/2 begins without TLS, which only clients of gRPC do
			s.mistaken.tell(r.RemoteAddr, saysGRPC)
			w.Header().Set("Connection", "close")
			http.Error(w, saysGRPC, http.StatusHTTPVersionNotSupported)
		case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
			s.mistaken.tell(r.RemoteAddr, saysGRPC)
			_, port, _ := net.SplitHostPort(s.listener.Addr().String())
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Grpc-Status", "3") // INVALID_ARGUMENT: it is no use to repeat it
			w.Header().Set("Grpc-Message",
				"this is the port of the HTTP API (http_address), not of gRPC, which is at port "+port)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// httpTrouble takes what net/http logs of connections: handshakes that fail, above all.
type httpTrouble struct{ log *seldom.Log }

// Write logs a line, once a minute.
func (h httpTrouble) Write(line []byte) (int, error) {
	h.log.Warn("HTTP: a connection failed", "error", strings.TrimSpace(string(line)))
	return len(line), nil
}
