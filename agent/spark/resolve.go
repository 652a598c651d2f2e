package spark

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
)

// resolverClass resolves packages as SparkSubmit does: see plugin/.
const resolverClass = "io.headrace.spark.PackageResolver"

// resolvedNone begins what the resolver says when it fails.
const resolvedNone = "headrace-failed "

// What a resolution may use.
const (
	resolverMilliCPU  = 2000
	resolverMemoryMiB = 1024
	resolverDiskMiB   = 2 * maxPackageBytes >> 20
)

// Files of the resolver in its working directory.
const (
	requestFile  = "request"
	settingsFile = "ivysettings.xml"
)

// resolve resolves packages from the registry of jars and the run's repositories into a folder. A resolver is given
// what users name, and reads what repositories answer: so it runs as an errand, and the agent takes the jars that it
// brought. Nothing of an earlier resolution is used, so that nobody's repositories reach into another's set.
func (e *Engine) resolve(ctx context.Context, r release.Release, java, plugin string, q packages, into string) error {
	began := time.Now()
	names, err := e.runResolver(ctx, layout{release: r, java: java, plugin: plugin}, q, into)
	if err != nil {
		return err
	}
	if err := makePackageSet(into, names); err != nil {
		return refused("cannot keep packages on this node: %v", err)
	}
	took := time.Since(began).Round(time.Millisecond)
	e.config.Log.Info("resolved packages", "packages", q.coordinates, "jars", len(names), "took", took)
	return nil
}

// runResolver runs the resolver, takes the jars into a folder and returns their names.
func (e *Engine) runResolver(ctx context.Context, p layout, q packages, into string) (names []string, err error) {
	stdout, stderr, failed := e.config.Programs.Run(ctx, runtime.Errand{
		MilliCPU:  resolverMilliCPU,
		MemoryMiB: resolverMemoryMiB,
		DiskMiB:   resolverDiskMiB,
		Prepare: func(home *runtime.Home) (runtime.Command, error) {
			p.home = home
			return p.resolver(q)
		},
		Collect: func(home *runtime.Home) error {
			names, err = takeJars(home, into)
			return err
		},
	})
	if why, none := lineAfter(stdout, resolvedNone); none {
		return nil, unresolved(q, why, string(stderr))
	}
	if failed != nil {
		return nil, refused("cannot resolve the packages %s: %v: %s", q.coordinates, failed, lastPart(stderr))
	}
	return names, nil
}

// resolver returns the command of the resolver. What is secret, such as a repository's password, is on no command line.
func (p layout) resolver(q packages) (runtime.Command, error) {
	p.home.Show(p.release.Dir, filepath.Dir(p.plugin))
	p.showJava()
	if err := p.writeRequest(q); err != nil {
		return runtime.Command{}, err
	}
	jars := filepath.Join(p.release.SparkHome, "jars", "*")
	return runtime.Command{
		Args: []string{
			filepath.Join(p.java, "bin", "java"),
			"-Xmx512m",
			// Descriptions of packages are XML of strangers: they name no files for the parser to read.
			"-Djavax.xml.accessExternalDTD=",
			"-Djavax.xml.accessExternalSchema=",
			"-Djava.io.tmpdir=" + p.work(),
			"-Duser.home=" + p.work(),
			"-cp",
			p.plugin + string(filepath.ListSeparator) + jars,
			resolverClass,
			filepath.Join(p.work(), requestFile),
			filepath.Join(p.work(), jarsFile),
		},
		Env: []string{"HOME=" + p.work(), "LANG=C.UTF-8"},
	}, nil
}

// writeRequest writes what the resolver is to resolve, a line each, and the site's settings of Ivy.
func (p layout) writeRequest(q packages) error {
	settings := ""
	if q.site != nil {
		settings = filepath.Join(p.work(), settingsFile)
		if err := p.home.Work.WriteFile(settingsFile, q.site, 0o600); err != nil {
			return err
		}
	}
	lines := []string{
		q.coordinates,
		q.exclusions,
		q.repositories,
		filepath.Join(p.work(), "ivy"),
		settings,
		"",
	}
	return p.home.Work.WriteFile(requestFile, []byte(strings.Join(lines, "\n")), 0o600)
}

// jarsFile is where the resolver names the jars, in the order of the class path: paths in its working directory, a line
// each.
const jarsFile = "jars"

// takeJars copies the jars that a resolver brought, and returns their names.
func takeJars(home *runtime.Home, into string) (names []string, err error) {
	paths, err := readLines(home, jarsFile)
	if err != nil {
		return nil, err
	}
	if len(paths) > maxPackageJars {
		return nil, refused("cannot take the packages: %d jars are more than %d", len(paths), maxPackageJars)
	}
	var room int64 = maxPackageBytes
	for _, path := range paths {
		name := filepath.Base(path)
		inside, relErr := filepath.Rel(home.Seen, path)
		if relErr != nil || !validJar(name) {
			return nil, refused("cannot take the packages: %q is no jar of the resolver", path)
		}
		to := filepath.Join(into, name)
		if err := takeFile(home, inside, to, room); err != nil {
			return nil, err
		}
		info, err := os.Stat(to)
		if err != nil {
			return nil, err
		}
		room -= info.Size()
		names = append(names, name)
	}
	return names, nil
}

// readLines reads a small file of an errand.
func readLines(home *runtime.Home, name string) ([]string, error) {
	content, err := home.Work.ReadFile(name, maxManifest)
	if err != nil {
		return nil, errors.Join(errors.New("the resolver did not say what it brought"), err)
	}
	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n"), nil
}

// lineAfter returns the rest of the first line with a prefix.
func lineAfter(said []byte, prefix string) (rest string, found bool) {
	for line := range strings.Lines(string(said)) {
		if rest, found = strings.CutPrefix(strings.TrimSpace(line), prefix); found {
			return rest, true
		}
	}
	return "", false
}

// unresolved says what is missing, which fails the attempt, or that the registry cannot be reached, which another node
// may.
func unresolved(q packages, why, said string) error {
	for _, sign := range []string{"Server access", "timed out", "UnknownHost"} {
		if strings.Contains(said, sign) {
			return refused("cannot resolve the packages %s: "+
				"the registry of jars, or a repository, cannot be reached from this node: %s", q.coordinates, why)
		}
	}
	return notFound("cannot resolve the packages %s: %s; what is tried is the registry of jars, and --repositories",
		q.coordinates, why)
}
