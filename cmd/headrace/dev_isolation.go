package main

import (
	"context"
	"errors"
	"os"
	"os/user"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/dev"
	"github.com/headrace/headrace/internal/errs"
)

// isolateDev isolates the workers of a cluster on this machine if it may, and if that is wanted; else it says why not.
func isolateDev(ctx context.Context, c *dev.Config, wanted string, shared []string) error {
	if wanted != "auto" && wanted != config.IsolationSandbox && wanted != config.IsolationNone {
		return errs.Field("isolation", "cannot be %q: auto, sandbox or none", wanted)
	}
	why := errors.New("--isolation none was given")
	if wanted != config.IsolationNone {
		why = tryIsolation(ctx, c)
	}
	switch {
	case why != nil && wanted == config.IsolationSandbox:
		return why
	case why != nil:
		c.NotIsolated = why.Error()
		return runAsSelf(c)
	}
	return shareWith(c, shared)
}

// tryIsolation sees whether a worker can be isolated, and takes a group for all of them.
func tryIsolation(ctx context.Context, c *dev.Config) error {
	program, err := sandbox.Find()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(c.DataDir, "try-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	box := sandbox.DefaultConfig()
	box.Program = program
	box.Hidden = []string{c.DataDir}
	settings := runtime.DefaultConfig()
	settings.DataDir = dir
	settings.Executable = c.Executable
	settings.Sandbox = &box
	if os.Geteuid() == 0 {
		users, err := runtime.ClaimUsers(c.DataDir, runtime.Users{})
		if err != nil {
			return err
		}
		settings.Users = users
		c.WorkerGroup = users.First
	}
	held, err := runtime.New(settings)
	if err != nil {
		return err
	}
	defer held.Close()
	return held.TrySandbox(ctx)
}

// runAsSelf has workers run as the user who runs the cluster.
func runAsSelf(c *dev.Config) error {
	if os.Geteuid() != 0 {
		return nil
	}
	self, err := user.Current()
	if err != nil {
		return errs.New(errs.Internal, "cannot find the user who runs this: %w", err)
	}
	c.WorkerUser = self.Username
	return nil
}

// shareWith has workers see directories, such as the one with the examples.
func shareWith(c *dev.Config, shared []string) error {
	for _, dir := range shared {
		real, err := sharedDir(dir)
		if err != nil {
			return errs.Field("share", "cannot share %q: %w", dir, err)
		}
		if real != "/" { // the system is seen anyway, and is nobody's to change
			c.Shared = append(c.Shared, real)
		}
	}
	return nil
}
