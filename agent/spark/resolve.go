package spark

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/agent/release"
)

// resolverClass resolves packages as SparkSubmit does: see plugin/.
const resolverClass = "io.headrace.spark.PackageResolver"

// What the resolver says.
const (
	resolvedJar  = "headrace-jar "
	resolvedNone = "headrace-failed "
)

// resolve resolves packages from the registry of jars and the run's repositories into a folder. Nothing of an earlier resolution is
// used, so that nobody's repositories reach into another's set.
func (e *Engine) resolve(ctx context.Context, r release.Release, java, plugin string, q packages, into string) error {
	work, err := os.MkdirTemp("", "headrace-packages-")
	if err != nil {
		return refused("cannot resolve packages: %v", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	began := time.Now()
	names, err := runResolver(ctx, r, java, plugin, q, work)
	if err != nil {
		return err
	}
	for i, path := range names {
		names[i] = filepath.Base(path)
		if err := keepJar(path, filepath.Join(into, names[i])); err != nil {
			return refused("cannot keep packages on this node: %v", err)
		}
	}
	if err := makePackageSet(into, names); err != nil {
		return refused("cannot keep packages on this node: %v", err)
	}
	e.config.Log.Info("resolved packages", "packages", q.coordinates, "jars", len(names), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// keepJar copies a jar to where all workers may read it.
func keepJar(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // also those of another user
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// runResolver returns the paths of the jars.
func runResolver(ctx context.Context, r release.Release, java, plugin string, q packages, work string) (jars []string, err error) {
	path := plugin + string(filepath.ListSeparator) + filepath.Join(r.SparkHome, "jars", "*")
	command := exec.CommandContext(ctx, filepath.Join(java, "bin", "java"), "-Xmx512m", "-cp", path, resolverClass)
	// What is secret, such as a repository's password, is on no command line.
	command.Stdin = strings.NewReader(strings.Join([]string{q.coordinates, q.exclusions, q.repositories, work, q.site, ""}, "\n"))
	command.Dir = work
	said := &lastBytes{limit: 8 << 10}
	var told bytes.Buffer
	command.Stdout, command.Stderr = &told, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	failed := command.Run()
	for line := range strings.Lines(told.String()) {
		line = strings.TrimSpace(line)
		if jar, ok := strings.CutPrefix(line, resolvedJar); ok {
			jars = append(jars, jar)
		}
		if why, ok := strings.CutPrefix(line, resolvedNone); ok {
			return nil, unresolved(q, why, string(said.bytes))
		}
	}
	if failed != nil {
		return nil, refused("cannot resolve the packages %s: %v: %s", q.coordinates, failed, strings.ToValidUTF8(string(said.bytes), "?"))
	}
	return jars, nil
}

// unresolved says what is missing, which fails the attempt, or that the registry cannot be reached, which another node may.
func unresolved(q packages, why, said string) error {
	if strings.Contains(said, "Server access") || strings.Contains(said, "timed out") || strings.Contains(said, "UnknownHost") {
		return refused("cannot resolve the packages %s: the registry of jars, or a repository, cannot be reached from this node: %s", q.coordinates, why)
	}
	return notFound("cannot resolve the packages %s: %s; what is tried is the registry of jars, and --repositories", q.coordinates, why)
}
