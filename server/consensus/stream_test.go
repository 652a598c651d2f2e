package consensus

import (
	"context"
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

	"github.com/headrace/headrace/fsm"
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

// onTCP starts n servers that speak TLS on loopback.
func onTCP(t *testing.T, n int, mutual *TLS) []*Consensus {
	t.Helper()
	var all []*Consensus
	var servers []Server
	for i := range n {
		config := testConfig(string(rune('a'+i)), t.TempDir())
		config.Listen = "127.0.0.1:0"
		config.TLS = mutual
		c, err := Open(config, fsm.New())
		must(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			must(t, <-ended)
		})
		all = append(all, c)
		servers = append(servers, Server{ID: config.ServerID, Address: c.Address()})
	}
	for _, c := range all {
		must(t, c.Bootstrap(servers))
	}
	return all
}

func TestStream_ServersSpeakMutualTLS(t *testing.T) {
	mutual := testTLS(t)
	all := onTCP(t, 3, mutual)
	eventually(t, "a write on every server", func() bool {
		for _, c := range all {
			if c.leadingTerm.Load() != 0 {
				_, err := c.Execute(within(t), note("a"))
				return err == nil
			}
		}
		return false
	})
	for _, c := range all {
		must(t, c.WaitApplied(within(t), 1))
	}
	stranger := &stream{client: testTLS(t).Client}
	if conn, err := stranger.Dial(raft.ServerAddress(all[0].Address()), time.Second); err == nil {
		_ = conn.Close()
		t.Error("a client of another authority accepted the server")
	}
	plain := &stream{client: &tls.Config{RootCAs: mutual.Client.RootCAs, MinVersion: tls.VersionTLS13}}
	conn, err := plain.Dial(raft.ServerAddress(all[0].Address()), time.Second)
	must(t, err) // TLS 1.3: the server refuses only after the client's part
	defer func() { _ = conn.Close() }()
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a client without a certificate got an answer")
	}
}
