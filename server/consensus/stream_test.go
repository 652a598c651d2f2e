package consensus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

// testTLS is an authority's pair of configurations: it trusts itself only.
func testTLS(t *testing.T) *TLS {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "server"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	authority, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	own := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return &TLS{
		Server: &tls.Config{
			Certificates: own,
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    pool,
			MinVersion:   tls.VersionTLS13,
		},
		Client: &tls.Config{Certificates: own, RootCAs: pool, MinVersion: tls.VersionTLS13},
	}
}

// onTCP is n servers on loopback, which speak TLS unless adjust wants it otherwise.
func onTCP(t *testing.T, n int, adjust func(*Config)) *cluster {
	t.Helper()
	return newCluster(t, n, func(config *Config) {
		config.Transport = nil
		config.Listen = "127.0.0.1:0"
		adjust(config)
	})
}

func TestStream_ServersSpeakMutualTLS(t *testing.T) {
	mutual := testTLS(t)
	c := onTCP(t, 3, func(config *Config) { config.TLS = mutual })
	c.execute(note("a"))
	for _, m := range c.members {
		must(t, m.WaitApplied(within(t), 1))
	}
	address := raft.ServerAddress(c.members[0].Address())
	stranger := &stream{client: testTLS(t).Client}
	if conn, err := stranger.Dial(address, time.Second); err == nil {
		_ = conn.Close()
		t.Error("a client of another authority accepted the server")
	}
	plain := &stream{client: &tls.Config{RootCAs: mutual.Client.RootCAs, MinVersion: tls.VersionTLS13}}
	conn, err := plain.Dial(address, time.Second)
	must(t, err) // TLS 1.3: the server refuses only after the client's part
	defer func() { _ = conn.Close() }()
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a client without a certificate got an answer")
	}
}
