package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/atomicfile"
)

const (
	// classDataTimeout bounds the writing of one archive.
	classDataTimeout = 10 * time.Minute
	// classDataEvery is how often new releases are looked for.
	classDataEvery = 5 * time.Second
	// classDataUnused is how long an archive stays that nothing uses, such as one for a plug-in of another version.
	classDataUnused = 7 * 24 * time.Hour
)

// classDataJob loads what drivers and executors load: see plugin/.
const classDataJob = "io.headrace.spark.ClassDataJob"

// classData is the archives of class data beside the releases, one per release, Java and plug-in. A JVM that starts
// with one need not read, check and lay out its classes again. They are written in the background, one at a time on a
// machine; a worker uses one that is there and never waits for one that is not.
type classData struct {
	engine *Engine
	tried  map[string]bool // by archive: writing one that cannot be written is tried once
}

// classDataPath returns the archive for a release on a Java, whether it is there or not.
func (e *Engine) classDataPath(r release.Release, java string) string {
	version, _ := os.ReadFile(filepath.Join(java, "release")) // a Java that is updated in its place needs a new archive
	all := strings.Join([]string{java, string(version), r.SparkHome, r.S3Dir, pluginDigest()}, "\n")
	key := sha256.Sum256([]byte(all))
	return filepath.Join(e.config.Store.Root(), ".classdata", r.Label+"-"+hex.EncodeToString(key[:8])+".jsa")
}

// useClassData returns the archive for a release on a Java if it is there; else empty.
func (e *Engine) useClassData(r release.Release, java string) string {
	path := e.classDataPath(r, java)
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil {
		if _, err := os.Stat(path); err != nil {
			return ""
		}
	}
	return path
}

// WriteClassData writes the archives that are missing, now and whenever a release is new, until the context ends or the
// engine is closed.
func (e *Engine) WriteClassData(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	c := &classData{engine: e, tried: map[string]bool{}}
	tick := time.NewTicker(classDataEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.writeMissing(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// writeMissing writes what is missing for the releases that are there now.
func (c *classData) writeMissing(ctx context.Context) {
	for _, r := range c.engine.config.Store.Releases() {
		java, err := c.engine.defaultJava(ctx, r)
		if err != nil || r.Engine != release.EngineSpark {
			continue // a worker says why it cannot run
		}
		path := c.engine.classDataPath(r, java)
		if _, err := os.Stat(path); err == nil || c.tried[path] {
			continue
		}
		began := time.Now()
		wrote, err := c.write(ctx, r, java, path)
		if ctx.Err() != nil || errors.Is(err, errBusy) {
			return // the next agent does it, or this one when the other is done
		}
		c.tried[path] = true
		switch {
		case err != nil:
			c.engine.config.Log.Warn("cannot write an archive of class data: workers start without",
				"release", r.Label, "error", err)
		case wrote:
			c.engine.config.Log.Info("wrote an archive of class data: workers start faster",
				"release", r.Label, "took", time.Since(began).Round(time.Second))
		}
		c.sweep()
	}
}

// errBusy says that somebody else on this machine writes an archive.
var errBusy = errors.New("somebody else writes an archive of class data")

// write writes one archive, unless somebody else on this machine writes one now. wrote is false if it is there already.
func (c *classData) write(ctx context.Context, r release.Release, java, path string) (wrote bool, err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return false, err
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { _ = lock.Close() }()
	switch err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return false, errBusy
	case err != nil:
		return false, fmt.Errorf("cannot lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(path); err == nil {
		return false, nil
	}
	_ = atomicfile.RemoveUnfinished(folder, forAll) // of an agent that died: who makes one has the lock
	return true, c.dump(ctx, r, java, path)
}

// What writing an archive may use.
const (
	classDataMilliCPU  = 4000
	classDataMemoryMiB = 2048
	classDataDiskMiB   = 4096
	maxClassData       = 1 << 30 // bytes of an archive
)

// dump has a JVM rehearse and write what it loaded. It is the release's program, so it runs as an errand; the agent
// takes what it wrote.
func (c *classData) dump(ctx context.Context, r release.Release, java, path string) error {
	ctx, cancel := context.WithTimeout(ctx, classDataTimeout)
	defer cancel()
	jar, err := c.engine.installPlugin()
	if err != nil {
		return err
	}
	_, stderr, err := c.engine.config.Programs.Run(ctx, runtime.Errand{
		MilliCPU: classDataMilliCPU, MemoryMiB: classDataMemoryMiB, DiskMiB: classDataDiskMiB, Quiet: true,
		Prepare: func(home *runtime.Home) (runtime.Command, error) {
			return c.rehearse(ctx, layout{home: home, release: r, java: java, plugin: jar})
		},
		Collect: func(home *runtime.Home) error { return takeFile(home, classDataFile, path, maxClassData) },
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastPart(stderr))
	}
	return nil
}

// classDataFile is the archive in the working directory of who writes it.
const classDataFile = "classes.jsa"

// rehearse returns the command that writes an archive.
func (c *classData) rehearse(ctx context.Context, p layout) (runtime.Command, error) {
	if err := p.furnish(); err != nil {
		return runtime.Command{}, err
	}
	archive := "-XX:ArchiveClassesAtExit=" + filepath.Join(p.work(), classDataFile)
	j := jvm{layout: p, heapMiB: 1024, options: []string{archive}, class: classDataJob, jarsOnly: true}
	python, ok := c.engine.machine.Python(ctx, c.engine.config.Python)
	if ok && p.release.Can().CanUsePython(python.Version) {
		j.args = []string{python.Program}
	}
	environment, err := c.engine.environment(p, python, nil, map[string]string{
		warmVariable: filepath.Join(p.work(), "a.sock"), warmHost: loopback, warmBind: loopback, driverPython: python.Program,
	})
	return runtime.Command{Args: j.command(), Env: environment}, err
}

// takeFile copies a file that an errand made to where all workers of this node may read it, and only the agent writes.
func takeFile(home *runtime.Home, name, to string, limit int64) error {
	from, err := home.Work.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	return atomicfile.Write(to, forAll, func(made *os.File) error {
		written, err := io.Copy(made, io.LimitReader(from, limit+1))
		if err == nil && written > limit {
			err = fmt.Errorf("%s has more than %d bytes", name, limit)
		}
		return err
	})
}

// lastPart returns the end of what a program said, as long as a message may be.
func lastPart(said []byte) string {
	return strings.ToValidUTF8(string(said[max(0, len(said)-4<<10):]), "?")
}

// sweep removes archives that nothing used for long, and those of releases that are gone.
func (c *classData) sweep() {
	labels := map[string]bool{}
	for _, r := range c.engine.config.Store.Releases() {
		labels[r.Label] = true
	}
	paths, _ := filepath.Glob(filepath.Join(c.engine.config.Store.Root(), ".classdata", "*.jsa"))
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".jsa")
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if label := name[:max(0, strings.LastIndex(name, "-"))]; !labels[label] ||
			time.Since(info.ModTime()) > classDataUnused {
			_ = os.Remove(path)
		}
	}
}
