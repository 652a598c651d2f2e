package testcluster

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/internal/authority"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/server"
	"github.com/headrace/headrace/server/dispatch"
)

// certificates are those of a cluster with TLS, all servers sharing one. Every node has one of its own.
type certificates struct {
	dir    string
	server server.TLS

	mu     sync.Mutex
	issued map[string]mtls.Files // of nodes, by name
}

func newCertificates(t testing.TB, dir string) *certificates {
	t.Helper()
	must(t, authority.CreateAuthority(dir))
	c := &certificates{dir: dir, issued: map[string]mtls.Files{}}
	for _, role := range []string{"server", "agent", "client", "operator"} {
		c.issue(t, role, role)
	}
	files := c.files("server")
	c.server = server.TLS{CAFile: files.CA, CertFile: files.Cert, KeyFile: files.Key}
	return c
}

// node returns the certificate of a node, which is issued when it is asked for first, or again. Agents ask too, which
// cannot end a test.
func (c *certificates) node(name string, again bool) (mtls.Files, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	files, is := c.issued[name]
	if is && !again {
		return files, nil
	}
	out := filepath.Join(c.dir, "node-"+name+"-"+strconv.Itoa(len(c.issued))+rand.Text())
	if err := authority.Issue(c.dir, authority.Request{Role: "agent", Name: name, Out: out}); err != nil {
		return mtls.Files{}, err
	}
	c.issued[name] = mtls.Files{CA: filepath.Join(c.dir, "ca.pem"), Cert: out + ".pem", Key: out + "-key.pem"}
	return c.issued[name], nil
}

// nodeFiles returns the certificate of a node, for the test itself.
func (c *Cluster) nodeFiles(name string, again bool) mtls.Files {
	c.t.Helper()
	files, err := c.certs.node(name, again)
	must(c.t, err)
	return files
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
	return mtls.Files{
		CA:   filepath.Join(c.dir, "ca.pem"),
		Cert: filepath.Join(c.dir, name+".pem"),
		Key:  filepath.Join(c.dir, name+"-key.pem"),
	}
}

// credentials are those of a name; each role, server, agent, client and operator, has a certificate of that name.
func (c *Cluster) credentials(name string) grpc.DialOption {
	c.t.Helper()
	if c.certs == nil {
		return grpc.WithTransportCredentials(insecure.NewCredentials())
	}
	return c.secured(c.certs.files(name))
}

func (c *Cluster) secured(files mtls.Files) grpc.DialOption {
	c.t.Helper()
	option, err := secured(files)
	must(c.t, err)
	return option
}

func secured(files mtls.Files) (grpc.DialOption, error) {
	config, err := files.Dial()
	if err != nil {
		return nil, err
	}
	return grpc.WithTransportCredentials(credentials.NewTLS(config)), nil
}

// asNode are the options of a connection that has the certificate of a node, if the cluster has any, and says that it
// is the one with an id.
func (c *Cluster) asNode(certificate, id string) []grpc.DialOption {
	c.t.Helper()
	secure := c.credentials("agent")
	if c.certs != nil {
		secure = c.secured(c.nodeFiles(certificate, false))
	}
	return []grpc.DialOption{secure, grpc.WithPerRPCCredentials(servers.Caller(id))}
}

// Renew issues a new certificate of a node, which connections that are made from now on have.
func (c *Cluster) Renew(node string) {
	c.t.Helper()
	c.nodeFiles(node, true)
}

// Issued returns when the newest certificate of a node begins to hold.
func (c *Cluster) Issued(node string) time.Time {
	c.t.Helper()
	files := c.nodeFiles(node, false)
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	must(c.t, err)
	return pair.Leaf.NotBefore
}

// DialNode connects to a server with the certificate of a node, if the cluster has any, and the id of one, which an
// honest agent has from the same node. The caller closes the connection.
func (c *Cluster) DialNode(s *Server, certificate, id string) *grpc.ClientConn {
	c.t.Helper()
	return c.dial(s, c.asNode(certificate, id)...)
}

// Grant returns what lets a node read a folder of managed logs, as a server makes it that asks it to show a history.
func (c *Cluster) Grant(node, folder string) string {
	c.t.Helper()
	ring, err := server.OpenKeyring(c.Servers[0].config.KeyringFile)
	must(c.t, err)
	return dispatch.Grants{Key: ring.Derive(dispatch.GrantUse)}.Make(node, folder, time.Now())
}

// Dial connects to a server with the certificate of a name, such as a role, if the cluster has any. The caller closes
// the connection.
func (c *Cluster) Dial(s *Server, name string) *grpc.ClientConn {
	c.t.Helper()
	return c.dial(s, c.credentials(name))
}

func (c *Cluster) dial(s *Server, options ...grpc.DialOption) *grpc.ClientConn {
	c.t.Helper()
	again := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond}
	conn, err := grpc.NewClient(s.config.GRPCAddress, append(options, grpc.WithConnectParams(grpc.ConnectParams{
		Backoff:           again,
		MinConnectTimeout: time.Second,
	}))...)
	must(c.t, err)
	return conn
}

// As returns the API of a server to somebody who has a certificate of a role in that name; without TLS everybody is the
// same.
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

// connect waits for a connection, so that a slow machine is not taken for a refusal. A server that is stopped is not
// waited for long.
func connect(t testing.TB, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn.Connect()
	for {
		state := conn.GetState()
		if state == connectivity.Ready || !conn.WaitForStateChange(ctx, state) {
			return
		}
		conn.Connect()
	}
}

// Authority returns the directory of the cluster's authority, with which tests make certificates that it would not
// issue.
func (c *Cluster) Authority() string { return c.certs.dir }
