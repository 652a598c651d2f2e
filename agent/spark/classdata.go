package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/release"
)

const (
	// classDataTimeout bounds the writing of one archive.
	classDataTimeout = 10 * time.Minute
	// classDataEvery is how often new releases are looked for.
	classDataEvery = 5 * time.Second
	// classDataUnused is how long an archive stays that nothing uses, such as one for a plug-in of another version.
	classDataUnused = 7 * 24 * time.Hour
	// classDataNice keeps the writing of an archive from everything else on the machine.
	classDataNice = 19
)

// classDataJob loads what drivers and executors load: see plugin/.
const classDataJob = "io.headrace.spark.ClassDataJob"

// classData is the archives of class data beside the releases, one per release, Java and plug-in. A JVM that starts with one need
// not read, check and lay out its classes again. They are written in the background, one at a time on a machine; a worker uses one
// that is there and never waits for one that is not.
type classData struct {
	engine *Engine
	tried  map[string]bool // by archive: writing one that cannot be written is tried once
}

// classDataPath returns the archive for a release on a Java, whether it is there or not.
func (e *Engine) classDataPath(r release.Release, java string) string {
	version, _ := os.ReadFile(filepath.Join(java, "release")) // a Java that is updated in its place needs a new archive
	key := sha256.Sum256([]byte(java + "\n" + string(version) + "\n" + r.SparkHome + "\n" + r.S3Home + "\n" + pluginDigest()))
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

// WriteClassData writes the archives that are missing, now and whenever a release is new, until the context ends or the engine is
// closed.
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
			c.engine.config.Log.Warn("cannot write an archive of class data: workers start without", "release", r.Label, "error", err)
		case wrote:
			c.engine.config.Log.Info("wrote an archive of class data: workers start faster", "release", r.Label, "took", time.Since(began).Round(time.Second))
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
	return true, c.dump(ctx, r, java, path)
}

// dump has a JVM rehearse and write what it loaded.
func (c *classData) dump(ctx context.Context, r release.Release, java, path string) error {
	ctx, cancel := context.WithTimeout(ctx, classDataTimeout)
	defer cancel()
	jar, err := c.engine.placePlugin()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "headrace-classdata-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p := place{dir: dir, release: r, java: java, plugin: jar}
	for _, d := range []string{p.local(), p.temporary(), p.conf()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	made := path + ".new"
	j := jvm{place: p, heapMiB: 1024, options: []string{"-XX:ArchiveClassesAtExit=" + made}, class: classDataJob, jarsOnly: true}
	python, ok := c.engine.machine.Python(ctx, c.engine.config.Python)
	if ok && r.Can().CanUsePython(python.Version) {
		j.args = []string{python.Program}
	}
	environment, err := c.engine.environment(p, python, nil, map[string]string{
		warmSocket: filepath.Join(dir, "a.sock"), warmHost: "127.0.0.1", warmBind: "127.0.0.1", driverPython: python.Program,
	})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(made) }()
	if err := runQuietly(ctx, j.command(), environment, p.work()); err != nil {
		return err
	}
	return errors.Join(os.Chmod(made, 0o644), os.Rename(made, path))
}

// runQuietly runs a program with the lowest priority, and all that it starts with it.
func runQuietly(ctx context.Context, args, environment []string, dir string) error {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env, command.Dir = environment, dir
	said := &lastBytes{limit: 4 << 10}
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		return err
	}
	_ = unix.Setpriority(unix.PRIO_PGRP, command.Process.Pid, classDataNice)
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.ToValidUTF8(string(said.bytes), "?"))
	}
	return nil
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
		if label := name[:max(0, strings.LastIndex(name, "-"))]; !labels[label] || time.Since(info.ModTime()) > classDataUnused {
			_ = os.Remove(path)
		}
	}
}

// lastBytes keeps the end of what is written to it.
type lastBytes struct {
	bytes []byte
	limit int
}

// Write keeps the last limit bytes.
func (l *lastBytes) Write(p []byte) (int, error) {
	l.bytes = append(l.bytes, p...)
	l.bytes = append([]byte(nil), l.bytes[max(0, len(l.bytes)-l.limit):]...)
	return len(p), nil
}
