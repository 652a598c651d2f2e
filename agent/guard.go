package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/headrace/headrace/agent/firewall"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/servers"
)

// restoreEvery is how often the agent looks whether its rules are still there.
const restoreEvery = 5 * time.Second

// guard keeps workers from the ports of servers and of other runs.
type guard struct {
	config   Config
	servers  *servers.Servers
	firewall *firewall.Firewall // nil: there is none
}

// open opens the firewall if workers have users that nobody else has, by which they are known. What it returns as
// missing, the node goes on without.
func (g *guard) open(held *runtime.Runtime) (missing error) {
	first, last, told := workerUsers(g.config)
	if !told {
		return errors.New("workers reach the ports of servers and of each other: they have no users of their own")
	}
	return g.start(held, firewall.Config{First: first, Last: last})
}

// workerUsers returns the users of workers, and whether nobody else has them.
func workerUsers(c Config) (first, last uint32, told bool) {
	switch {
	case os.Geteuid() != 0:
		return 0, 0, false
	case c.WorkerUsers.Count > 0:
		return c.WorkerUsers.First, c.WorkerUsers.First + c.WorkerUsers.Count - 1, true
	case c.WorkerUser != nil && c.WorkerUser.UID != 0:
		return c.WorkerUser.UID, c.WorkerUser.UID, true
	}
	return 0, 0, false
}

// start opens the firewall with these users, and has the runtime use it.
func (g *guard) start(held *runtime.Runtime, config firewall.Config) (missing error) {
	if g.config.WorkerUsers.Count > 0 {
		var err error
		if config.CgroupID, config.Level, err = runtime.SocketTree(workersGroup(g.config)); err != nil {
			return fmt.Errorf("workers reach each other's ports: %w", err)
		}
	}
	config.Servers = g.servers.Listeners()
	made, err := firewall.Open(config)
	if err != nil {
		return fmt.Errorf("workers reach the ports of servers and of each other: %w", err)
	}
	g.firewall = made
	switch err = held.SetNetwork(g.firewall); {
	case err != nil:
		return fmt.Errorf("workers may reach each other's ports: %w", err)
	case g.config.WorkerUsers.Count == 0:
		return errors.New("workers reach each other's ports: they have one user")
	case config.CgroupID == 0:
		return errors.New("workers reach each other's ports: this machine has no control groups of version 2")
	}
	return nil
}

// Run keeps workers from the servers that the agent knows, now and whenever it learns of others, until the context
// ends. Looking up the name of a host may take long.
func (g *guard) Run(ctx context.Context) error {
	if g.firewall == nil {
		return nil
	}
	tick := time.NewTicker(restoreEvery)
	defer tick.Stop()
	g.guardServers()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-g.servers.Changed():
			g.guardServers()
		case <-tick.C:
			g.restore()
		}
	}
	return nil
}

func (g *guard) guardServers() {
	if err := g.firewall.Guard(g.servers.Listeners()); err != nil {
		g.config.Logger.Error("cannot keep workers from the ports of servers", "error", err)
	}
}

// restore puts rules back that somebody took away.
func (g *guard) restore() {
	switch gone, err := g.firewall.Restore(); {
	case err != nil:
		g.config.Logger.Error("cannot check the firewall", "error", err)
	case gone:
		g.config.Logger.Warn("somebody removed the firewall of the workers: it is there again",
			"table", g.firewall.Name())
	}
}

// close leaves the rules to workers that go on, or takes them away with the workers.
func (g *guard) close() {
	if g.firewall == nil {
		return
	}
	if g.config.StopWorkers {
		if err := g.firewall.Remove(); err != nil {
			g.config.Logger.Error("cannot remove the firewall", "error", err)
		}
	}
	_ = g.firewall.Close()
}
