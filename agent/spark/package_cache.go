package spark

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/flock"
	"github.com/headrace/headrace/internal/sweep"
)

const (
	// packagesFolder is where they are beside the releases; all agents of a machine share it.
	packagesFolder = ".packages"
	// packagesUnused is how long a set stays that nothing uses, and packagesBytes how much all of them may be: more than
	// that, those go first that were not used for the longest time.
	packagesUnused = 30 * 24 * time.Hour
	packagesBytes  = 20 << 30
	// packagesTimeout bounds how long a driver waits for its packages.
	packagesTimeout = 15 * time.Minute
	// lockEvery is how often a lock is tried.
	lockEvery = 100 * time.Millisecond
	// keySuffix ends the name of a file that says which set a key was resolved to.
	keySuffix = ".set"
	// lockSuffix ends the name of a file by which a set is made once, however many want it.
	lockSuffix = ".lock"
	// makingPrefix begins the name of a folder that a set is made in, and of a key's file that is not finished.
	makingPrefix = ".making-"
	// makingOld is the age of such a folder, or lock, whose maker died or is done: nobody makes a set for that long.
	makingOld = 4 * packagesTimeout
)

// packageCache is the sets of jars that packages were resolved to, on this machine.
type packageCache struct {
	engine *Engine
	root   string // of all sets

	mu   sync.Mutex
	held map[string]*os.File // what keeps a set, by the worker that uses it
}

// get returns the set of packages, and keeps it for a worker: from this machine, or from the registry of jars; whoever
// else wants the same waits for it. A node takes no set from another one: it would have to believe what was resolved
// there. Its errors are *engine.StartError.
func (c *packageCache) get(
	ctx context.Context,
	r release.Release,
	java, plugin, worker string,
	q packages,
) (packageSet, error) {
	ctx, cancel := context.WithTimeout(ctx, packagesTimeout)
	defer cancel()
	if err := os.MkdirAll(c.root, 0o755); err != nil { //nolint:gosec // workers of another user read there
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	key := q.key()
	unlock, err := lockPackages(ctx, filepath.Join(c.root, key+lockSuffix))
	if err != nil {
		return packageSet{}, refused("cannot wait longer for the packages %s, which somebody else on this node "+
			"resolves: %v", q.coordinates, err)
	}
	defer unlock()
	if set, err := c.find(key, worker); err == nil {
		return set, nil
	}
	defer c.sweep()
	return c.make(key, worker, func(into string) error { return c.engine.resolve(ctx, r, java, plugin, q, into) })
}

// find returns the set that a key was resolved to on this machine, and keeps it for a worker.
func (c *packageCache) find(key, worker string) (packageSet, error) {
	content, err := os.ReadFile(filepath.Join(c.root, key+keySuffix))
	if err != nil {
		return packageSet{}, err
	}
	set, keeps, err := openPackageSet(filepath.Join(c.root, filepath.Base(string(content))))
	if err != nil {
		return packageSet{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.held[worker].Close() // of an earlier call
	c.held[worker] = keeps
	return set, nil
}

// make resolves a set and keeps it under the digest of what it is.
func (c *packageCache) make(key, worker string, resolve func(into string) error) (packageSet, error) {
	making, err := os.MkdirTemp(c.root, makingPrefix)
	if err != nil {
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	defer func() { _ = os.RemoveAll(making) }()
	if err := resolve(making); err != nil {
		return packageSet{}, err
	}
	digest, _, err := digestOf(filepath.Join(making, manifestFile))
	if err == nil {
		err = c.keep(making, digest, key)
	}
	if err != nil {
		return packageSet{}, refused("cannot keep packages on this node: %v", err)
	}
	set, err := c.find(key, worker)
	if err != nil {
		return packageSet{}, refused("cannot read the packages that were resolved: %v", err)
	}
	return set, nil
}

// keep gives a set its name, unless the same one is there, and notes that the key leads to it.
func (c *packageCache) keep(making, digest, key string) error {
	if err := os.Chmod(making, 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	err := os.Rename(making, filepath.Join(c.root, digest))
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, unix.ENOTEMPTY) {
		return err
	}
	note := atomicfile.Options{Prefix: makingPrefix} // an unfinished one is swept like an unfinished set
	return atomicfile.WriteBytes(filepath.Join(c.root, key+keySuffix), note, []byte(digest))
}

// free ends the use of a set by a worker.
func (c *packageCache) free(worker string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.held[worker].Close()
	delete(c.held, worker)
	_ = os.Remove(filepath.Join(c.root, onceKey(worker)+keySuffix))
}

// sweep removes sets that nothing has used for long, those that are too many, and what agents that died left half made.
func (c *packageCache) sweep() {
	entries, err := os.ReadDir(c.root)
	if err != nil {
		return
	}
	var sets []sweep.Item
	for _, entry := range entries {
		path := filepath.Join(c.root, entry.Name())
		if set, is := setIn(path); is {
			sets = append(sets, set)
		}
		if abandoned(entry) {
			_ = os.RemoveAll(path)
		}
	}
	keep := sweep.Bounds{Since: time.Now().Add(-packagesUnused), Bytes: packagesBytes}
	_, _ = sweep.Oldest(sets, keep, func(set sweep.Item) (freed bool, err error) { return removeUnused(set.Name), nil })
	for _, entry := range entries {
		if c.leadsNowhere(entry.Name()) {
			_ = os.Remove(filepath.Join(c.root, entry.Name()))
		}
	}
}

// setIn describes the set in a folder, if it is one.
func setIn(dir string) (set sweep.Item, is bool) {
	manifest := filepath.Join(dir, manifestFile)
	info, err := os.Stat(manifest)
	if err != nil {
		return sweep.Item{}, false
	}
	set = sweep.Item{Name: dir, Used: info.ModTime()}
	content, err := os.ReadFile(manifest)
	if err != nil {
		return set, true
	}
	jars, _ := readManifest(content)
	for _, jar := range jars {
		set.Bytes += jar.Size
	}
	return set, true
}

// removeUnused removes a set, unless a worker of whatever agent of this machine uses it.
func removeUnused(dir string) bool {
	manifest, err := os.Open(filepath.Join(dir, manifestFile))
	if err != nil {
		return false
	}
	defer func() { _ = manifest.Close() }()
	return unix.Flock(int(manifest.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && os.RemoveAll(dir) == nil
}

// leadsNowhere says whether a file is the note of a key whose set is gone.
func (c *packageCache) leadsNowhere(name string) bool {
	key, isKey := strings.CutSuffix(name, keySuffix)
	if !isKey {
		return false
	}
	digest, _ := os.ReadFile(filepath.Join(c.root, key+keySuffix))
	_, err := os.Stat(filepath.Join(c.root, filepath.Base(string(digest)), manifestFile))
	return err != nil
}

// abandoned says whether it is a folder in which an agent that died was making a set, or a lock that was for one.
func abandoned(entry os.DirEntry) bool {
	info, err := entry.Info()
	making := strings.HasPrefix(entry.Name(), makingPrefix) || strings.HasSuffix(entry.Name(), lockSuffix)
	return err == nil && making && time.Since(info.ModTime()) > makingOld
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
	touch(path) // it is in use, and not abandoned
	if err := flock.Wait(ctx, file, lockEvery); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}
