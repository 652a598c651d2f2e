package testcluster

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/internal/authority"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/server"
)

// certificates are those of a cluster with TLS, all servers sharing one.
type certificates struct {
	dir    string
	server server.TLS
}

func newCertificates(t testing.TB, dir string) *certificates {
	t.Helper()
	must(t, authority.CreateAuthority(dir))
	c := &certificates{dir: dir}
	for _, role := range []string{"server", "agent", "client", "operator"} {
		c.issue(t, role, role)
	}
	files := c.files("server")
	c.server = server.TLS{CAFile: files.CA, CertFile: files.Cert, KeyFile: files.Key}
	return c
}

// issue makes a certificate whose files have its name.
func (c *certificates) issue(t testing.TB, role, name string) {
	t.Helper()
	request := authority.Request{Role: role, Name: name, Out: filepath.Join(c.dir, name)}
	if role == "server" {
		request.Hosts = []string{"127.0.0.1"}
	}
	must(t, authority.Issue(c.dir, request))
}

func (c *certificates) files(name string) mtls.Files {
	return mtls.Files{CA: filepath.Join(c.dir, "ca.pem"), Cert: filepath.Join(c.dir, name+".pem"), Key: filepath.Join(c.dir, name+"-key.pem")}
}

// credentials are those of a name; each role, server, agent, client and operator, has a certificate of that name.
func (c *Cluster) credentials(name string) grpc.DialOption {
	c.t.Helper()
	if c.certs == nil {
		return grpc.WithTransportCredentials(insecure.NewCredentials())
	}
	config, err := c.certs.files(name).Dial()
	must(c.t, err)
	return grpc.WithTransportCredentials(credentials.NewTLS(config))
}

// Dial connects to a server with the certificate of a name, such as a role, if the cluster has any. The caller closes the connection.
func (c *Cluster) Dial(s *Server, name string) *grpc.ClientConn {
	c.t.Helper()
	again := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond}
	conn, err := grpc.NewClient(s.config.GRPCAddress, c.credentials(name), grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: time.Second}))
	must(c.t, err)
	return conn
}

// As returns the API of a server to somebody who has a certificate of a role in that name; without TLS everybody is the same.
func (c *Cluster) As(s *Server, role, name string) *Client {
	c.t.Helper()
	if c.certs != nil {
		if _, err := os.Stat(c.certs.files(name).Cert); err != nil {
			c.certs.issue(c.t, role, name)
		}
	}
	conn := c.Dial(s, name)
	c.t.Cleanup(func() { _ = conn.Close() })
	connect(c.t, conn)
	return newClient(conn)
}

// connect waits for a connection, so that a slow machine is not taken for a refusal. A server that is stopped is not waited for long.
func connect(t testing.TB, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn.Connect()
	for state := conn.GetState(); state != connectivity.Ready && conn.WaitForStateChange(ctx, state); state = conn.GetState() {
		conn.Connect()
	}
}

// Authority returns the directory of the cluster's authority, with which tests make certificates that it would not issue.
func (c *Cluster) Authority() string { return c.certs.dir }
