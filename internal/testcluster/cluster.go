package testcluster

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/server"
)

// LogVariable names the environment variable that has servers write their log to stderr, to watch a failure.
const LogVariable = "HEADRACE_TEST_LOG"

// Config says how a cluster is. Its zero value is three servers without TLS.
type Config struct {
	Servers int                  // 0: three
	Lease   time.Duration        // 0: three seconds
	TLS     bool                 // mutual TLS, with an authority of its own
	HTTP    bool                 // servers serve HTTP, too
	Adjust  func(*server.Config) // changes each server's configuration; may be nil
	// Run starts a server elsewhere, such as in a process of its own; stop ends it and says what was wrong. Nil: in this
	// process.
	Run func(server.Config) (stop func() error, err error)
}

// Cluster is servers that began together, and the nodes that tests add.
type Cluster struct {
	Servers []*Server
	Ledger  *simnode.Ledger

	t           testing.TB
	run         func(server.Config) (stop func() error, err error)
	certs       *certificates // nil without TLS
	nodes       []*Node
	connections *simnode.Connections // of nodes
}

// Start starts a cluster that ends with the test, and waits until it has a leader.
func Start(t testing.TB, config Config) *Cluster {
	t.Helper()
	c := &Cluster{t: t, run: config.Run, Ledger: simnode.NewLedger()}
	dir := t.TempDir()
	if config.TLS {
		c.certs = newCertificates(t, filepath.Join(dir, "authority"))
	}
	c.connections = c.nodeConnections()
	keyring := filepath.Join(dir, "keyring")
	must(t, server.CreateKeyring(keyring))
	n := max(config.Servers, 1)
	if config.Servers == 0 {
		n = 3
	}
	t.Cleanup(c.close)
	for _, sc := range serverConfigs(dir, keyring, freePorts(t, 4*n)) {
		c.adjust(&sc, config)
		s := &Server{cluster: c, config: sc}
		s.conn = c.Dial(s, "client")
		c.Servers = append(c.Servers, s)
	}
	for _, s := range c.Servers {
		s.Start()
	}
	c.Leader()
	return c
}

// serverConfigs returns the configurations of servers that have four ports each: three in a row, and behind all of
// these one for HTTP.
func serverConfigs(dir, keyring string, ports []int) (all []server.Config) {
	n := len(ports) / 4
	var join []string
	for i := range n {
		join = append(join, local(ports[3*i+2]))
	}
	for i := range n {
		sc := server.DefaultConfig()
		sc.ServerID = fmt.Sprintf("server-%d", i+1)
		sc.DataDir = filepath.Join(dir, sc.ServerID)
		sc.KeyringFile = keyring
		sc.HTTPAddress = local(ports[3*n+i])
		sc.GRPCAddress = local(ports[3*i])
		sc.RaftAddress = local(ports[3*i+1])
		sc.GossipAddress = local(ports[3*i+2])
		if sc.BootstrapExpect = n; n > 1 {
			sc.Join = join
		}
		sc.Lease = 3 * time.Second
		sc.Log = logger()
		all = append(all, sc)
	}
	return all
}

// adjust changes a server's configuration as the cluster's says.
func (c *Cluster) adjust(sc *server.Config, config Config) {
	if !config.HTTP {
		sc.HTTPAddress = ""
	}
	if config.Lease != 0 {
		sc.Lease = config.Lease
	}
	if c.certs != nil {
		sc.TLS = c.certs.server
	}
	if config.Adjust != nil {
		config.Adjust(sc)
	}
}

func logger() *slog.Logger {
	out := io.Discard
	if os.Getenv(LogVariable) != "" {
		out = os.Stderr
	}
	return slog.New(slog.NewTextHandler(out, nil))
}

// close ends nodes first, so that they see no change of leader, then all servers at once.
func (c *Cluster) close() {
	for _, n := range c.nodes {
		if err := n.Close(); err != nil {
			c.t.Errorf("node %s: %v", n.name, err)
		}
	}
	if err := c.connections.Close(); err != nil {
		c.t.Errorf("connections of nodes: %v", err)
	}
	c.StopAll()
	for _, s := range c.Servers {
		_ = s.conn.Close()
	}
}

// StopAll stops all servers at the same time.
func (c *Cluster) StopAll() {
	var group sync.WaitGroup
	for _, s := range c.Servers {
		group.Go(s.Stop)
	}
	group.Wait()
}

// Leader waits until a server leads and takes decisions, and returns it; those excepted do not count.
func (c *Cluster) Leader(except ...*Server) *Server {
	c.t.Helper()
	var leader *Server
	Eventually(c.t, "a leader", func() bool {
		for _, s := range c.Servers {
			if !slices.Contains(except, s) && s.leads() {
				leader = s
			}
		}
		return leader != nil
	})
	return leader
}

// Follower waits for a server that runs, knows a leader and does not lead.
func (c *Cluster) Follower() *Server {
	c.t.Helper()
	leader := c.Leader()
	var follower *Server
	Eventually(c.t, "a follower that knows a leader", func() bool {
		for _, s := range c.Servers {
			if s != leader && s.knows(leader) {
				follower = s
			}
		}
		return follower != nil
	})
	return follower
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
