package e2e

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

func (c *cluster) nodeDir(name string) string { return c.path("nodes", name) }

// killNode does to a node what a power cut does: the agent, its shims and its workers are gone. Each dies before those
// that it would tell of their death.
func (c *cluster) killNode(name string) {
	c.t.Helper()
	c.agents[name].kill()
	eventually(c.t, 10*time.Second, "node "+name+" is dead", func() error {
		left := procs(func(p proc) bool { return p.worksIn(c.nodeDir(name)) })
		slices.SortStableFunc(left, func(a, b proc) int { return rank(a) - rank(b) })
		for _, p := range left {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
		if len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
}

// rank orders the death of a node's processes.
func rank(p proc) int {
	if p.shim() {
		return 0
	}
	return 1
}
