package dev

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/errs"
)

// The shape of the cluster.
const (
	servers       = 3
	agentsPerZone = 2
	portsPerBlock = 4  // HTTP, gRPC, Raft, gossip
	portsApart    = 10 // between two servers' first ports
)

// Zones are the names of the zones.
func Zones() []string { return []string{"zone-a", "zone-b", "zone-c"} }

// offered is what each agent says that it has: a zone still holds a run of default sizes when one of its two nodes
// dies.
func offered() config.Capacity { return config.Capacity{CPU: 8000, Memory: 32 << 10, Disk: 200 << 10} }

// host is where servers listen.
const host = "127.0.0.1"

// nodeHost returns the address of the workers of a node, counted from 0: of loopback, and its own, so that Spark sees
// as many hosts as there are nodes. A machine whose loopback has one address gives all nodes that.
func nodeHost(node int) string {
	own := netip.AddrFrom4([4]byte{127, 0, 0, byte(node + 2)}).String()
	listener, err := net.Listen("tcp", net.JoinHostPort(own, "0"))
	if err != nil {
		return host
	}
	_ = listener.Close()
	return own
}

// address returns the address of a server's port: 0 HTTP, 1 gRPC, 2 Raft, 3 gossip.
func (c Config) address(server, port int) string {
	return net.JoinHostPort(host, strconv.Itoa(c.BasePort+server*portsApart+port))
}

// Servers returns the gRPC addresses of the servers.
func (c Config) Servers() []string { return c.addresses(1) }

func (c Config) addresses(port int) []string {
	all := make([]string, servers)
	for i := range all {
		all[i] = c.address(i, port)
	}
	return all
}

func (c Config) path(parts ...string) string {
	return filepath.Join(append([]string{c.DataDir}, parts...)...)
}

// server returns the settings of a server.
func (c Config) server(i int) *config.Server {
	s := config.DefaultServer()
	s.ServerID = "server-" + strconv.Itoa(i+1)
	s.DataDir = c.path(s.ServerID)
	s.HTTPAddress = c.address(i, 0)
	s.GRPCAddress = c.address(i, 1)
	s.RaftAddress = c.address(i, 2)
	s.GossipAddress = c.address(i, 3)
	s.HTTPAnySignature = true
	s.SharedDirectories = []string{"/"}
	if c.NotIsolated == "" {
		s.SharedDirectories = c.shared()
	}
	if s.BootstrapExpect = servers; servers > 1 {
		s.Join = c.addresses(3)
	}
	s.KeyringFile = c.path("keyring")
	return &s
}

// agent returns the settings of the agent of a node, which is the i-th of its zone and the node-th of all, both counted
// from 0.
func (c Config) agent(zone string, i, node int) *config.Agent {
	a := config.DefaultAgent()
	a.NodeName = fmt.Sprintf("%s-%d", zone, i+1)
	a.Zone = zone
	a.DataDir = c.path(a.NodeName)
	a.Servers = c.Servers()
	a.Host = nodeHost(node)
	a.Capacity = offered()
	a.ReleaseDirs = []string{c.ReleaseCache}
	a.StopWorkersOnExit = true
	a.Python = c.Python
	c.isolate(&a)
	return &a
}

// isolate sets how the workers of an agent are kept apart.
func (c Config) isolate(a *config.Agent) {
	if c.NotIsolated != "" {
		a.Isolation = config.IsolationNone
		a.WorkerUser = c.WorkerUser
		return
	}
	a.WorkerGroup = strconv.FormatUint(uint64(c.WorkerGroup), 10)
	a.SharedDirectories = c.shared()
	a.HiddenDirectories = []string{c.DataDir}
}

// plan writes the settings of all children and returns the children.
func (c Config) plan() (serving, agents []*child, err error) {
	for i := range servers {
		settings := c.server(i)
		one, err := c.child(settings.ServerID, "server", settings)
		if err != nil {
			return nil, nil, err
		}
		serving = append(serving, one)
	}
	for _, zone := range Zones() {
		for i := range agentsPerZone {
			settings := c.agent(zone, i, len(agents))
			one, err := c.child(settings.NodeName, "agent", settings)
			if err != nil {
				return nil, nil, err
			}
			agents = append(agents, one)
		}
	}
	return serving, agents, nil
}

// child writes a child's settings.
func (c Config) child(name, role string, settings any) (*child, error) {
	content, err := yaml.Marshal(settings)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot write the settings of %s: %w", name, err)
	}
	file := c.path("config", name+".yaml")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot write the settings of %s: %w", name, err)
	}
	return &child{
		name:       name,
		executable: c.Executable,
		args:       []string{role, "--config", file},
		log:        c.path("logs", name+".log"),
		say:        c.say,
		first:      c.RestartFirst,
		longest:    c.RestartMax,
		patience:   c.StopPatience,
	}, nil
}
