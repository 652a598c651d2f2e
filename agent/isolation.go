package agent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// tryTimeout bounds how long it may take to see whether workers can be isolated.
const tryTimeout = 30 * time.Second

// How a node says that it isolates its workers.
const (
	isolatedBySandbox = "SANDBOX"
	notIsolated       = "NONE"
)

// isolates sees whether workers are isolated as the configuration says.
func isolates(config Config, held *runtime.Runtime) error {
	if config.Sandbox == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	if err := held.TrySandbox(ctx); err != nil {
		return errs.New(errs.WrongState,
			"%w; to run workers that can reach each other, this agent and this machine, set isolation: none", err)
	}
	return nil
}

// tellIsolation has the node say how it isolates workers, and what that lacks here. held is what holds them on this
// machine; nil: what was handed in isolates them as the configuration says. network is what the firewall lacks.
func tellIsolation(node *agentv1.Register, c Config, held *runtime.Runtime, network error) {
	gap := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		c.Logger.Warn(text)
		node.IsolationGaps = append(node.IsolationGaps, bounded(text))
	}
	node.Isolation = isolatedBySandbox
	if c.Sandbox == nil {
		node.Isolation = notIsolated
		gap("workers are not isolated from each other, from the agent and from the machine: %s", c.NotIsolated)
	} else {
		node.SharedDirectories = c.Sandbox.Shared
	}
	if held == nil {
		return
	}
	if c.Sandbox != nil && c.WorkerUser != nil {
		gap("all workers run as one user: what it owns outside of the sandboxes is everybody's")
	}
	if c.Sandbox != nil && !sandbox.Scopes() {
		gap("workers reach each other's abstract sockets: the kernel is older than Linux 6.12, or has no Landlock")
	}
	if !held.Limits() {
		gap("workers have no limits of memory, CPU and processes: there are no control groups")
	}
	if network != nil {
		gap("%s", network)
	}
}

// maxGap bounds what servers take of one gap, in bytes.
const maxGap = 200

// bounded returns what servers take of a gap.
func bounded(gap string) string {
	gap = printable.Escape(gap, "")
	return strings.ToValidUTF8(gap[:min(len(gap), maxGap)], "")
}
