package simnode

import (
	"time"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
)

// hold returns the machine for one life of its agent.
func (n *Node) hold() agent.Runtime {
	held := counting{n.machine.Open(), n}
	if n.config.IgnoresLease {
		return timeless{held, held.Now()}
	}
	return held
}

// counting is a runtime that counts who reads logs.
type counting struct {
	*memory.Runtime
	node *Node
}

// OpenLog opens stdout or stderr of a worker.
func (c counting) OpenLog(id, stream string) (runtime.Log, error) {
	log, err := c.Runtime.OpenLog(id, stream)
	if err != nil {
		return nil, err
	}
	c.node.read(id, 1)
	return countedLog{log, c.node, id}, nil
}

// countedLog is a log that somebody reads.
type countedLog struct {
	runtime.Log
	node   *Node
	worker string
}

// Close ends the reading.
func (l countedLog) Close() error {
	l.node.read(l.worker, -1)
	return l.Log.Close()
}

// read notes that more read the logs of a worker, or less.
func (n *Node) read(worker string, more int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.readers[worker] += more
}

// timeless is a runtime whose clock stands: no lease ends.
type timeless struct {
	counting
	instant runtime.Instant
}

// Now returns the instant at which the clock stands.
func (t timeless) Now() runtime.Instant { return t.instant }

// MoveLease moves the lease far away: no worker ends with it.
func (t timeless) MoveLease(runtime.Instant) error {
	return t.Runtime.MoveLease(t.instant.Add(24 * time.Hour))
}
