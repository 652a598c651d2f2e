package spark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/internal/errs"
)

const (
	// packagesFolder is where they are beside the releases; all agents of a machine share it.
	packagesFolder = ".packages"
	// packagesUnused is how long a set stays that nothing uses.
	packagesUnused = 30 * 24 * time.Hour
	// packagesTimeout bounds how long a driver waits for its packages.
	packagesTimeout = 15 * time.Minute
	// lockEvery is how often a lock is tried.
	lockEvery = 100 * time.Millisecond
	// makingPrefix begins the name of a folder that a set is made in.
	makingPrefix = ".making-"
	// makingOld is the age of such a folder whose maker died: nobody makes a set for that long.
	makingOld = 4 * packagesTimeout
)

// PackageServers keep what packages were resolved to for all nodes.
type PackageServers interface {
	// OpenPackages opens the archive of a key. NotFound: there is none. The caller closes it.
	OpenPackages(ctx context.Context, key string) (io.ReadCloser, error)
	// StorePackages keeps the archive that write writes, perhaps more than once.
	StorePackages(ctx context.Context, key string, write func(io.Writer) error) error
}

// packageCache is the sets of jars that packages were resolved to, on this machine.
type packageCache struct {
	engine *Engine
	root   string // of all sets

	mu   sync.Mutex
	held map[string]string // directories of sets, by the worker that uses one
}

// get returns the set of packages: from this machine, from the servers, or from the registry of jars; whoever else wants the same
// waits for it. Its errors are *agent.StartError.
func (c *packageCache) get(ctx context.Context, r release.Release, java, plugin string, q packages) (packageSet, error) {
	ctx, cancel := context.WithTimeout(ctx, packagesTimeout)
	defer cancel()
	key, err := q.key()
	if err != nil {
		return packageSet{}, refused("%v", err)
	}
	if err := os.MkdirAll(c.root, 0o755); err != nil { //nolint:gosec // workers of another user read there
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	unlock, err := lockPackages(ctx, filepath.Join(c.root, key+".lock"))
	if err != nil {
		return packageSet{}, refused("cannot wait longer for the packages %s, which somebody else on this node resolves: %v", q.coordinates, err)
	}
	defer unlock()
	dir := filepath.Join(c.root, key)
	if set, err := openPackageSet(dir); err == nil {
		return set, nil
	}
	defer c.sweep()
	return c.bring(ctx, dir, key, func(into string) error { return c.engine.resolve(ctx, r, java, plugin, q, into) })
}

// bring fetches a set from the servers, or resolves it and gives it to them.
func (c *packageCache) bring(ctx context.Context, dir, key string, resolve func(into string) error) (packageSet, error) {
	making, err := os.MkdirTemp(filepath.Dir(dir), makingPrefix)
	if err != nil {
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	defer func() { _ = os.RemoveAll(making) }()
	fetched, err := c.fetch(ctx, key, making)
	if err != nil {
		c.engine.config.Log.Warn("cannot fetch packages from the servers: they are resolved anew", "error", err)
	}
	if !fetched {
		if err := resolve(making); err != nil {
			return packageSet{}, err
		}
	}
	if err := errors.Join(os.Chmod(making, 0o755), os.Rename(making, dir)); err != nil { //nolint:gosec // as above
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	set, err := openPackageSet(dir)
	if err != nil {
		return packageSet{}, refused("cannot read the packages that were brought: %v", err)
	}
	if !fetched && c.engine.config.Packages != nil {
		if err := c.engine.config.Packages.StorePackages(ctx, key, set.write); err != nil {
			c.engine.config.Log.Warn("cannot give packages to the servers: other nodes resolve them anew", "error", err)
		}
	}
	return set, nil
}

// fetch brings a set from the servers; false: they have none.
func (c *packageCache) fetch(ctx context.Context, key, into string) (fetched bool, err error) {
	if c.engine.config.Packages == nil {
		return false, nil
	}
	archive, err := c.engine.config.Packages.OpenPackages(ctx, key)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = archive.Close() }()
	if err := unpackSet(archive, into); err != nil {
		return false, errors.Join(err, emptyFolder(into))
	}
	return true, nil
}

// emptyFolder removes what lies in a folder.
func emptyFolder(dir string) error {
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)) //nolint:gosec // as above
}

// hold keeps a set as long as a worker uses it.
func (c *packageCache) hold(worker, dir string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[worker] = dir
}

// free ends the use of a set by a worker.
func (c *packageCache) free(worker string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, worker)
}

// sweep removes sets that nothing has used for long, and what agents that died left half made.
func (c *packageCache) sweep() {
	entries, err := os.ReadDir(c.root)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var used []string
	for _, dir := range c.held {
		used = append(used, dir)
		touch(filepath.Join(dir, manifestFile)) // for the other agents of this machine
	}
	for _, entry := range entries {
		dir := filepath.Join(c.root, entry.Name())
		info, err := os.Stat(filepath.Join(dir, manifestFile))
		if err == nil && !slices.Contains(used, dir) && time.Since(info.ModTime()) > packagesUnused {
			_ = os.RemoveAll(dir)
		}
		if abandoned(entry) {
			_ = os.RemoveAll(dir)
		}
	}
}

// abandoned says whether a folder is what an agent that died was making.
func abandoned(entry os.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && strings.HasPrefix(entry.Name(), makingPrefix) && time.Since(info.ModTime()) > makingOld
}

func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now)
}

// lockPackages waits until nobody else on this machine has a file locked, and locks it.
func lockPackages(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for {
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err == nil {
			return func() { _ = file.Close() }, nil
		} else if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("cannot lock %s: %w", path, err), file.Close())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), file.Close())
		}
	}
}
