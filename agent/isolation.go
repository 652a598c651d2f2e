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
		return errs.New(errs.WrongState, "%w; to run workers that can reach each other, this agent and this machine, set isolation: none", err)
	}
	return nil
}

// tellIsolation has the node say how it isolates workers, and what that lacks here.
func (a *Agent) tellIsolation(network error) {
	c := a.config
	a.node.Isolation = isolatedBySandbox
	if c.Sandbox == nil {
		a.node.Isolation = notIsolated
		a.gap("workers are not isolated from each other, from the agent and from the machine: %s", c.NotIsolated)
	} else {
		a.node.SharedDirectories = c.Sandbox.Shared
	}
	if c.Sandbox != nil && c.WorkerUser != nil {
		a.gap("all workers run as one user: what it owns outside of the sandboxes is everybody's")
	}
	if c.Sandbox != nil && !sandbox.Scopes() {
		a.gap("workers reach each other's abstract sockets: the kernel is older than Linux 6.12, or has no Landlock")
	}
	if !a.runtime.Limits() {
		a.gap("workers have no limits of memory, CPU and processes: there are no control groups")
	}
	if network != nil {
		a.gap("%s", network)
	}
}

// maxGap bounds what servers take of one gap, in bytes.
const maxGap = 200

// gap notes what isolation lacks.
func (a *Agent) gap(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	a.config.Logger.Warn(text)
	text = printable.Escape(text, "")
	a.node.IsolationGaps = append(a.node.IsolationGaps, strings.ToValidUTF8(text[:min(len(text), maxGap)], ""))
}
