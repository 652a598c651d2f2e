package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// The authority's files in its directory.
const (
	certName = "ca.pem"
	keyName  = "ca-key.pem"
)

// How long certificates serve. They begin a little in the past, for machines whose clock is late.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour
	clockSkew     = 10 * time.Minute
)

// CreateAuthority makes an authority in dir, which is created with mode 0700 if it is not there. An authority that is
// there already is an error: all certificates that it signed would be worth nothing.
func CreateAuthority(dir string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	template, err := newTemplate("Headrace authority", authorityLife)
	if err != nil {
		return err
	}
	template.IsCA = true
	template.MaxPathLenZero = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return errs.New(errs.Internal, "cannot sign the authority: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return errs.New(errs.Invalid, "cannot make the authority's directory: %w", err)
	}
	return writePair(filepath.Join(dir, certName), filepath.Join(dir, keyName), certificate, key)
}

// authority signs.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// open reads the authority in dir.
func open(dir string) (authority, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, certName), filepath.Join(dir, keyName))
	if err != nil {
		return authority{}, errs.New(
			errs.Invalid,
			"cannot read the authority in %s; `headrace tls create-authority %s` makes one: %w",
			dir,
			dir,
			err,
		)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return authority{}, errs.New(
			errs.Invalid,
			"cannot sign with %s: it is not an authority with an ECDSA key",
			filepath.Join(dir, certName),
		)
	}
	return authority{certificate: pair.Leaf, key: key}, nil
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot make a key: %w", err)
	}
	return key, nil
}

// newTemplate returns what all certificates have.
func newTemplate(name string, life time.Duration) (*x509.Certificate, error) {
	serial := make([]byte, 16)
	if _, err := rand.Read(serial); err != nil {
		return nil, fmt.Errorf("cannot make a serial number: %w", err)
	}
	serial[0] &= 0x7f // a positive number
	now := time.Now()
	return &x509.Certificate{
		SerialNumber:          number(serial),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"Headrace"}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(life),
		BasicConstraintsValid: true,
	}, nil
}
