package spark

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/releases"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// javaVariable is how a run names the Java of its driver or of its executors.
const javaVariable = "JAVA_HOME"

// Where Java is in the image that users know. Such a path names a version rather than a directory, unless it is on the
// node too.
const (
	imageJavas = "/usr/lib/jvm/"
	imageJava  = "/etc/alternatives/jre"
)

// imageVersion finds the major version in the names of the image's runtimes: java-17-amazon-corretto.x86_64, jre-1.8.0.
var imageVersion = regexp.MustCompile(`^(?:java|jre|jdk)-?(?:1\.)?(\d+)`)

// javaHome returns the Java that a worker runs on: the one that its environment names, else the release's, else the
// machine's. users says that it is a Java of the user's own: the agent opens and runs nothing of that.
func (e *Engine) javaHome(ctx context.Context, r release.Release, w *agentv1.AssignedWorker, home *runtime.Home) (
	java string, users bool, err error,
) {
	named := environmentOf(w)[javaVariable]
	path := filepath.Clean(named)
	if named != "" && !filepath.IsAbs(path) {
		return "", false, refused("cannot use %s=%s: it must be an absolute path", javaVariable, named)
	}
	if named == "" {
		java, err = e.defaultJava(ctx, r)
		return java, false, err
	}
	for _, known := range e.javas(ctx, r) {
		if known.Dir == path {
			return path, false, checkDriverJava(w, named, known.Major)
		}
	}
	if major, there := usersJava(home, path); there {
		return path, true, checkDriverJava(w, named, major)
	}
	java, err = e.javaInImage(ctx, r, w, named)
	return java, false, err
}

// javaInImage returns the Java of this node that a path of the image means.
func (e *Engine) javaInImage(ctx context.Context, r release.Release, w *agentv1.AssignedWorker, named string) (
	string, error,
) {
	major, known := imageMajor(filepath.Clean(named))
	if !known {
		return "", refused("cannot find bin/java in %s=%s: this node has %s",
			javaVariable, named, release.Describe(e.javas(ctx, r)))
	}
	if major == 0 {
		return e.defaultJava(ctx, r)
	}
	return e.javaOf(ctx, r, w, named, major)
}

// usersJava says whether there is a Java at a path that a user named, and its major version if it says it on disk. It
// is not asked: that would run a user's program.
func usersJava(home *runtime.Home, path string) (major int, there bool) {
	info, err := home.Stat(filepath.Join(path, "bin", "java"))
	if err != nil || !isProgram(info) {
		return 0, false
	}
	file, err := home.Open(filepath.Join(path, machine.ReleaseFile))
	if err != nil {
		return 0, true
	}
	defer func() { _ = file.Close() }()
	said, _ := io.ReadAll(io.LimitReader(file, maxReleaseFile))
	return machine.Major(string(said)), true
}

// isProgram says whether a file can be run.
func isProgram(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// maxReleaseFile is how much is read of what a Java says of itself, in bytes.
const maxReleaseFile = 16 << 10

// defaultJava returns the Java of a release whose run names none.
func (e *Engine) defaultJava(ctx context.Context, r release.Release) (string, error) {
	dir, err := r.JavaOn(ctx, e.machine)
	if err != nil {
		return "", refused("cannot start on this node: %v", err)
	}
	return dir, nil
}

// javaOf returns a Java of that major version for a path of the image.
func (e *Engine) javaOf(ctx context.Context, r release.Release, w *agentv1.AssignedWorker, named string, major int) (
	string, error,
) {
	if err := checkDriverJava(w, named, major); err != nil {
		return "", err
	}
	if can := r.Can(); !can.CanUseJava(major) {
		return "", refused("cannot run Spark %s with Java %d, which %s=%s names",
			r.EngineVersion, major, javaVariable, named)
	}
	all := e.javas(ctx, r)
	for _, java := range all {
		if java.Major == major {
			return java.Dir, nil
		}
	}
	return "", refused("cannot find Java %d, which %s=%s names: this node has %s; install it, or leave %[2]s out",
		major, javaVariable, named, release.Describe(all))
}

// javas returns what a release can be run on: its own Java and the machine's.
func (e *Engine) javas(ctx context.Context, r release.Release) (all []machine.Java) {
	if r.JavaHome != "" {
		if own, ok := machine.JavaIn(r.JavaHome); ok {
			all = append(all, own)
		}
	}
	return append(all, e.machine.Javas(ctx)...)
}

// checkDriverJava refuses a Java that the plug-in in drivers cannot run on. A Java whose version is not known is not
// refused.
func checkDriverJava(w *agentv1.AssignedWorker, named string, major int) error {
	if w.GetSparkDriver() == nil || major == 0 || major >= releases.LeastDriverJava {
		return nil
	}
	return refused("cannot run the driver with Java %d, which %s=%s names: "+
		"Headrace's plug-in in the driver needs Java %d or newer; "+
		"leave spark.headrace.driverEnv.%[2]s out, executors may have another Java",
		major, javaVariable, named, releases.LeastDriverJava)
}

// imageMajor returns the major version that a path of the image names, and whether it is one; 0: the image's default.
func imageMajor(home string) (int, bool) {
	if home == imageJava {
		return 0, true
	}
	name, found := strings.CutPrefix(home, imageJavas)
	if !found {
		return 0, false
	}
	if version := imageVersion.FindStringSubmatch(name); version != nil {
		major, _ := strconv.Atoi(version[1])
		return major, true
	}
	return 0, name == "jre" || name == "java" || name == "default-java"
}

// environmentOf returns the variables that a run gives to a worker.
func environmentOf(w *agentv1.AssignedWorker) map[string]string {
	if x := w.GetSparkExecutor(); x != nil {
		return x.GetEnvironment()
	}
	return w.GetSparkDriver().GetEnvironment()
}
