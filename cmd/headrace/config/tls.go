package config

import (
	"net"

	"github.com/spf13/pflag"
	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mtls"
)

// TLS names the PEM files of mutual TLS. Give all of them or none.
type TLS struct {
	// CAFile has the authorities that sign servers, agents and clients.
	CAFile string `yaml:"ca_file,omitempty"`
	// CertFile has this process's certificate with its chain.
	CertFile string `yaml:"cert_file,omitempty"`
	// KeyFile has the certificate's private key.
	KeyFile string `yaml:"key_file,omitempty"`
}

// Bind adds the flags.
func (t *TLS) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&t.CAFile, "tls-ca-file", t.CAFile,
		"PEM file of the authorities that sign servers, agents and clients")
	flags.StringVar(&t.CertFile, "tls-cert-file", t.CertFile, "PEM file of this process's certificate")
	flags.StringVar(&t.KeyFile, "tls-key-file", t.KeyFile, "PEM file of the certificate's private key")
}

// On says whether connections are secured.
func (t TLS) On() bool { return t != TLS{} }

// Validate returns an error that names the missing file if only some are given.
func (t TLS) Validate() error {
	if !t.On() {
		return nil
	}
	for _, file := range []struct{ name, value string }{
		{"ca_file", t.CAFile},
		{"cert_file", t.CertFile},
		{"key_file", t.KeyFile},
	} {
		if file.value == "" {
			return errs.Field("tls."+file.name,
				"cannot speak mutual TLS without it: give ca_file, cert_file and key_file, or none of them")
		}
	}
	return nil
}

// Client returns the credentials of a person's or a program's connections to servers; nil without TLS.
func (t TLS) Client() (credentials.TransportCredentials, error) { return t.credentials(nil) }

// Of returns the credentials of connections to servers, which need a certificate of a role; nil without TLS.
func (t TLS) Of(role string) (credentials.TransportCredentials, error) {
	return t.credentials(func(f mtls.Files) error { return f.Prove(role) })
}

// Node returns the node that an agent's certificate is for; empty without TLS.
func (t TLS) Node() (name string, err error) {
	if !t.On() {
		return "", nil
	}
	return mtls.Files{CA: t.CAFile, Cert: t.CertFile, Key: t.KeyFile}.Node()
}

func (t TLS) credentials(check func(mtls.Files) error) (credentials.TransportCredentials, error) {
	if !t.On() {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	files := mtls.Files{CA: t.CAFile, Cert: t.CertFile, Key: t.KeyFile}
	if check != nil {
		if err := check(files); err != nil {
			return nil, err
		}
	}
	dial, err := files.Dial()
	if err != nil {
		return nil, err
	}
	return credentials.NewTLS(dial), nil
}

// loopback says whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkAddress refuses what is not host:port.
func checkAddress(field, address string) error {
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		return errs.Field(field, "cannot use %q as an address: give host:port, such as 127.0.0.1:7401", address)
	}
	return nil
}
