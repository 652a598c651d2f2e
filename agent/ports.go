package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"time"

	"github.com/headrace/headrace/agent/firewall"
	"github.com/headrace/headrace/agent/runtime"
)

// openFirewall keeps workers from the ports of servers and of other runs, where they have users by which they can be told from others.
// The node goes on with what it returns as missing.
func (a *Agent) openFirewall() (missing error) {
	first, last, told := workerUsers(a.config)
	if !told {
		return errors.New("workers reach the ports of servers and of each other: they have no users of their own")
	}
	return a.startFirewall(firewall.Config{First: first, Last: last})
}

// workerUsers returns the users of workers, if they are nobody else's.
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

// workersGroup returns the control group of this agent's workers, which no other agent of this machine uses: whose a socket is, is told by
// its group. Empty: there are no groups.
func workersGroup(c Config) string {
	if c.Cgroup == "" || c.WorkerUsers.Count == 0 {
		return c.Cgroup
	}
	return path.Join(c.Cgroup, strconv.FormatUint(uint64(c.WorkerUsers.First), 10))
}

func (a *Agent) startFirewall(config firewall.Config) (missing error) {
	if a.config.WorkerUsers.Count > 0 {
		var err error
		if config.CgroupID, config.Level, err = runtime.SocketTree(workersGroup(a.config)); err != nil {
			return fmt.Errorf("workers reach each other's ports: %w", err)
		}
	}
	config.Servers = a.servers.listeners()
	made, err := firewall.Open(config)
	if err != nil {
		return fmt.Errorf("workers reach the ports of servers and of each other: %w", err)
	}
	a.firewall = made
	switch err = a.runtime.SetNetwork(a.firewall); {
	case err != nil:
		return fmt.Errorf("workers may reach each other's ports: %w", err)
	case a.config.WorkerUsers.Count == 0:
		return errors.New("workers reach each other's ports: they have one user")
	case config.CgroupID == 0:
		return errors.New("workers reach each other's ports: this machine has no control groups of version 2")
	}
	return nil
}

// restoreEvery is how often the agent looks whether its rules are still there.
const restoreEvery = 5 * time.Second

// guard keeps workers from the servers that the agent knows, now and whenever it learns of others, until the context ends. To find a host
// by its name may take long.
func (a *Agent) guard(ctx context.Context) {
	if a.firewall == nil {
		return
	}
	tick := time.NewTicker(restoreEvery)
	defer tick.Stop()
	a.guardServers()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-a.servers.changed:
			a.guardServers()
		case <-tick.C:
			a.restoreFirewall()
		}
	}
}

func (a *Agent) guardServers() {
	if err := a.firewall.Guard(a.servers.listeners()); err != nil {
		a.config.Logger.Error("cannot keep workers from the ports of servers", "error", err)
	}
}

// restoreFirewall puts rules back that somebody took away.
func (a *Agent) restoreFirewall() {
	switch gone, err := a.firewall.Restore(); {
	case err != nil:
		a.config.Logger.Error("cannot see to the firewall", "error", err)
	case gone:
		a.config.Logger.Warn("somebody removed the firewall of the workers: it is there again", "table", a.firewall.Name())
	}
}

// closeFirewall leaves the rules to workers that go on, or takes them away with the workers.
func (a *Agent) closeFirewall() {
	if a.firewall == nil {
		return
	}
	if a.config.StopWorkers {
		if err := a.firewall.Remove(); err != nil {
			a.config.Logger.Error("cannot remove the firewall", "error", err)
		}
	}
	_ = a.firewall.Close()
}
