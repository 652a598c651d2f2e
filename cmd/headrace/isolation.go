package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
)

// isolation sets how workers are kept apart, and as which users they run.
func isolation(s config.Agent, c *agent.Config) (err error) {
	if c.WorkerUser, err = userNamed(s.WorkerUser); err != nil {
		return err
	}
	if s.Isolation == config.IsolationNone {
		c.NotIsolated = "isolation: none"
		if os.Geteuid() == 0 && c.WorkerUser == nil {
			return errs.Field("worker_user",
				"cannot run programs of users as root: without isolation, name the user that they run as")
		}
		return nil
	}
	if err := os.MkdirAll(c.DataDir, 0o711); err != nil { //nolint:gosec // workers pass through to their own
		return errs.Field("data_dir", "cannot make it: %w", err)
	}
	if c.Sandbox, err = sandboxOf(s, c.DataDir); err != nil {
		return err
	}
	return ownUsers(s, c)
}

// ownUsers sets which users isolated workers run as: each has one of its own, unless the settings name one for all.
func ownUsers(s config.Agent, c *agent.Config) (err error) {
	if c.WorkerUser != nil && c.WorkerUser.UID == 0 {
		return errs.Field("worker_user",
			"cannot isolate workers that are root: name another user, or leave it out so that each has one of its own")
	}
	if c.WorkerUser != nil {
		return nil
	}
	if c.WorkerGroup, err = groupNamed(s.WorkerGroup); err != nil {
		return err
	}
	wanted := runtime.Users{}
	if s.WorkerUIDs != "" {
		if wanted, err = runtime.ParseUsers(s.WorkerUIDs); err != nil {
			return err
		}
	}
	c.WorkerUsers, err = runtime.ClaimUsers(c.DataDir, wanted)
	return err
}

// sandboxOf returns what the settings say of all sandboxes.
func sandboxOf(s config.Agent, dataDir string) (*sandbox.Config, error) {
	if os.Geteuid() != 0 {
		return nil, errs.Field("isolation",
			"cannot isolate workers: this agent is not root; run it as root, or set isolation: none")
	}
	program, err := sandbox.Find()
	if err != nil {
		return nil, errs.Field("isolation", "%w, or set isolation: none", err)
	}
	box := sandbox.DefaultConfig()
	box.Program = program
	box.Processes = s.WorkerProcesses
	box.OpenFiles = uint64(s.WorkerOpenFiles)
	box.Hidden = append([]string{dataDir}, s.HiddenDirectories...)
	if s.ShuffleDir != "" {
		box.Hidden = append(box.Hidden, s.ShuffleDir)
	}
	box.Shared, err = sharedDirs(s.SharedDirectories)
	return &box, err
}

// sharedDirs returns the real paths of the directories that workers share.
func sharedDirs(dirs []string) (shared []string, err error) {
	if n := len(dirs); n > maxShared {
		return nil, errs.Field("shared_directories", "cannot share %d directories: the most is %d", n, maxShared)
	}
	for _, dir := range dirs {
		real, err := sharedDir(dir)
		if err == nil && real == "/" {
			err = errors.New(
				"workers see the system of this machine anyway, and the rest is not theirs; name directories in it")
		}
		if err != nil {
			return nil, errs.Field("shared_directories", "cannot share %q: %w", dir, err)
		}
		shared = append(shared, real)
	}
	return shared, nil
}

// Bounds of what a node says that it shares.
const (
	maxShared     = 32
	maxSharedPath = 512 // bytes
)

// sharedDir returns the real path of a directory that is to be shared.
func sharedDir(dir string) (real string, err error) {
	if real, err = filepath.EvalSymlinks(dir); err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return "", err
	}
	if problem := printable.Check(real); problem != "" || len(real) > maxSharedPath {
		return "", fmt.Errorf("its path has to be printable, and of at most %d bytes; it has %d %s", maxSharedPath,
			len(real), problem)
	}
	return real, nil
}

// userNamed finds the user that all workers run as; nil for no name.
func userNamed(name string) (*guest.User, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nobody was named
	}
	found, err := user.Lookup(name)
	if err != nil {
		return nil, errs.Field("worker_user", "cannot run workers as %q: %w", name, err)
	}
	uid, err := idOf(found.Uid)
	if err != nil {
		return nil, errs.Field("worker_user", "cannot run workers as %q: its id is %q", name, found.Uid)
	}
	gid, err := idOf(found.Gid)
	if err != nil {
		return nil, errs.Field("worker_user", "cannot run workers as %q: its group is %q", name, found.Gid)
	}
	return &guest.User{UID: uid, GID: gid}, nil
}

// groupNamed finds the group of workers, by its name or number; 0 for no name.
func groupNamed(name string) (uint32, error) {
	if name == "" {
		return 0, nil
	}
	number := name
	if found, err := user.LookupGroup(name); err == nil {
		number = found.Gid
	}
	gid, err := idOf(number)
	if err != nil || gid == 0 {
		return 0, errs.Field("worker_group",
			"cannot run workers in the group %q: "+
				"this machine has no group of that name, and it is no number of a group other than root's",
			name)
	}
	return gid, nil
}

func idOf(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	return uint32(id), err
}
