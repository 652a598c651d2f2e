package testcluster

import (
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
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
	for _, role := range []string{"server", "agent", "client", "operator"} {
		request := authority.Request{Role: role, Name: role, Out: filepath.Join(dir, role)}
		if role == "server" {
			request.Hosts = []string{"127.0.0.1"}
		}
		must(t, authority.Issue(dir, request))
	}
	c := &certificates{dir: dir}
	files := c.files("server")
	c.server = server.TLS{CAFile: files.CA, CertFile: files.Cert, KeyFile: files.Key}
	return c
}

func (c *certificates) files(role string) mtls.Files {
	return mtls.Files{CA: filepath.Join(c.dir, "ca.pem"), Cert: filepath.Join(c.dir, role+".pem"), Key: filepath.Join(c.dir, role+"-key.pem")}
}

// credentials are those of a role: server, agent, client or operator.
func (c *Cluster) credentials(role string) grpc.DialOption {
	c.t.Helper()
	if c.certs == nil {
		return grpc.WithTransportCredentials(insecure.NewCredentials())
	}
	config, err := c.certs.files(role).Dial()
	must(c.t, err)
	return grpc.WithTransportCredentials(credentials.NewTLS(config))
}

// Dial connects to a server with the certificate of a role, if the cluster has any. The caller closes the connection.
func (c *Cluster) Dial(s *Server, role string) *grpc.ClientConn {
	c.t.Helper()
	again := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond}
	conn, err := grpc.NewClient(s.config.GRPCAddress, c.credentials(role), grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: time.Second}))
	must(c.t, err)
	return conn
}
