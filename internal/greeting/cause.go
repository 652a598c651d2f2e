package greeting

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Fault is what is wrong between two sides.
type Fault int

// The faults.
const (
	SpeaksTLS   Fault = iota // the server speaks TLS, this side does not
	SpeaksPlain              // this side speaks TLS, the server does not
	SpeaksHTTP               // the server speaks HTTP, and no gRPC
	Untrusted                // this side does not accept the server's certificate
	Refused                  // the server does not accept this side's certificate
)

// Cause is why no connection to a server can stand.
type Cause struct {
	Fault   Fault
	Address string // of the server
	Err     error  // what TLS said; may be nil
}

// Words are what the settings are called where a cause is told.
type Words struct {
	Servers string // the addresses of servers
	CA      string // the certificates of the authority
	Pair    string // this side's certificate and key
}

// Error returns the cause with the names of an agent's settings.
func (c *Cause) Error() string { return c.In(settings) }

// Unwrap returns what TLS said.
func (c *Cause) Unwrap() error { return c.Err }

// settings are the names in configuration files.
var settings = Words{Servers: "servers", CA: "tls.ca_file", Pair: "tls.cert_file and tls.key_file"}

// In says what is wrong and what to change.
func (c *Cause) In(w Words) string {
	switch c.Fault {
	case SpeaksTLS:
		return fmt.Sprintf("the server at %s speaks TLS, and this side does not: set %s, %s", c.Address, w.CA, w.Pair)
	case SpeaksPlain:
		return fmt.Sprintf("the server at %s speaks no TLS, and this side does: leave out %s, %s, or set tls on the server",
			c.Address, w.CA, w.Pair)
	case SpeaksHTTP:
		return fmt.Sprintf("%s is a port for HTTP, not for gRPC: %s needs what the servers call grpc_address, usually "+
			"port 7401", c.Address, w.Servers)
	case Refused:
		return fmt.Sprintf("the server at %s refuses this side's certificate (%v): %s have to be of the servers' authority, "+
			"for this use, and valid now", c.Address, c.Err, w.Pair)
	}
	return fmt.Sprintf("the certificate of the server at %s is not accepted (%v): %s",
		c.Address, c.Err, untrusted(c.Err, w))
}

// untrusted says what to look at when a server's certificate is not accepted.
func untrusted(err error, w Words) string {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return fmt.Sprintf("look whether this machine's clock is right, which says %s, and then at the certificate",
			time.Now().UTC().Format(time.RFC3339))
	}
	return w.CA + " has to be that of the servers' authority, and the server's certificate one for servers"
}
