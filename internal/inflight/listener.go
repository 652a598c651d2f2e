package inflight

import "net"

// Listen returns a listener whose connections take places, each in the share of its address. If there is no place for a
// connection, it is closed at once, before a byte of it is read, and refused is told its address.
func Listen(inner net.Listener, limit *Limit, refused func(address string)) net.Listener {
	return &listener{
		Listener: inner,
		limit:    limit,
		refused:  refused,
	}
}

type listener struct {
	net.Listener
	limit   *Limit
	refused func(address string)
}

// Accept waits for a connection that has a place.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := Address(c.RemoteAddr().String())
		if leave := l.limit.Take(address); leave != nil {
			return &conn{Conn: c, leave: leave}, nil
		}
		_ = c.Close()
		l.refused(address)
	}
}

// conn gives its place back when it is closed.
type conn struct {
	net.Conn
	leave func() // which may be called again
}

// Close closes the connection.
func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}
