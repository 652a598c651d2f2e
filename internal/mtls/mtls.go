package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"

	"github.com/headrace/headrace/internal/errs"
)

// The roles of certificates.
const (
	Server   = "server.headrace"
	Agent    = "agent.headrace"
	Client   = "client.headrace"
	Operator = "operator.headrace"
)

// Files are the PEM files of one side.
type Files struct {
	CA, Cert, Key string
}

// Listen returns the configuration of a listener that only takes certificates of the authority.
func (f Files) Listen() (*tls.Config, error) {
	pair, pool, err := f.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}, nil
}

// Serve returns the configuration of a listener that proves who it is, and asks nothing of those who connect: they
// prove themselves in another way, such as by a signature. Old clients may not know TLS 1.3 yet.
func (f Files) Serve() (*tls.Config, error) {
	pair, _, err := f.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// Dial returns the configuration of connections to servers.
func (f Files) Dial() (*tls.Config, error) {
	pair, pool, err := f.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		RootCAs:      pool,
		ServerName:   Server,
	}, nil
}

// Prove refuses a certificate of another role than the one that this side plays: the others would refuse it later, one
// by one.
func (f Files) Prove(role string) error {
	pair, _, err := f.load()
	if err != nil {
		return err
	}
	if pair.Leaf == nil || !slices.Contains(pair.Leaf.DNSNames, role) {
		return errs.Field("tls.cert_file", "%s is no certificate for %s: issue one with that name", f.Cert, role)
	}
	return nil
}

// Node returns the node that this side's certificate is for.
func (f Files) Node() (name string, err error) {
	pair, _, err := f.load()
	if err != nil {
		return "", err
	}
	if name, err = NodeOf(pair.Leaf); err != nil {
		return "", errs.Field("tls.cert_file", "cannot use %s: %w", f.Cert, err)
	}
	return name, nil
}

func (f Files) load() (tls.Certificate, *x509.CertPool, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return pair, nil, errs.Field("tls", "cannot read certificate and key: %w", err)
	}
	authority, err := os.ReadFile(f.CA)
	if err != nil {
		return pair, nil, errs.Field("tls.ca_file", "cannot read it: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return pair, nil, errs.Field("tls.ca_file", "%s holds no certificate", f.CA)
	}
	return pair, pool, nil
}

// Only returns a copy of a listener's configuration that takes certificates of one role only.
func Only(config *tls.Config, role string) *tls.Config {
	restricted := config.Clone()
	restricted.VerifyConnection = func(state tls.ConnectionState) error {
		return HasRole(state, role)
	}
	return restricted
}

// HasRole says whether the other side of a connection proved one of the roles.
func HasRole(state tls.ConnectionState, roles ...string) error {
	if len(state.PeerCertificates) == 0 {
		return errs.New(errs.Unauthorized, "the connection carries no certificate")
	}
	names := state.PeerCertificates[0].DNSNames
	for _, role := range roles {
		if slices.Contains(names, role) {
			return nil
		}
	}
	return errs.New(errs.Forbidden, "this needs a certificate for %v, not for %v", roles, names)
}
