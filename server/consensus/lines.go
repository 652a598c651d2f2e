package consensus

import (
	"errors"
	"net"
	"sync"
)

// lines are the connections between this server and the others, so that all of them can be cut at once.
type lines struct {
	mu   sync.Mutex
	open map[*line]bool
	over bool // they are cut
}

// line is one connection, below TLS: closing that would wait for the other side.
type line struct {
	net.Conn
	lines *lines
}

// keep returns a connection that cut ends. Once the lines are cut, it ends at once.
func (l *lines) keep(conn net.Conn) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	kept := &line{Conn: conn, lines: l}
	if l.open == nil {
		l.open = map[*line]bool{}
	}
	l.open[kept] = true
	return kept, nil
}

// Close ends the connection.
func (l *line) Close() error {
	l.lines.forget(l)
	return l.Conn.Close()
}

func (l *lines) forget(one *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, one)
}

// cut ends all connections, and each that comes later.
func (l *lines) cut() (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for one := range l.open {
		err = errors.Join(err, one.Conn.Close())
	}
	l.open = nil
	l.over = true
	return err
}

// lineListener accepts connections that can be cut.
type lineListener struct {
	net.Listener
	lines *lines
	gate  *gate
}

// Accept waits for the next connection that may come in.
func (l *lineListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.gate.closed() {
			return l.lines.keep(conn)
		}
		_ = conn.Close() // whoever dialled tries again
	}
}
