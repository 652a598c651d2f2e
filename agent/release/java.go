package release

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// leastJava is the oldest major version that can be used: the plug-in in the driver speaks over a unix socket, which Java has
// since 16.
const leastJava = 17

// javaVersion finds the version in a runtime's release file and in what java -version says.
var javaVersion = regexp.MustCompile(`(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)`)

// Java returns the directory of the Java runtime that a release runs on, the value of JAVA_HOME: its own, else the machine's if
// the release's Spark can use it.
func (r Release) Java(ctx context.Context) (string, error) {
	if r.JavaHome != "" {
		return r.JavaHome, nil
	}
	return machineJava(ctx, releases.ForSpark(r.Label, r.EngineVersion))
}

// machineJava returns the machine's Java that a release can use: JAVA_HOME first, then what the path has.
func machineJava(ctx context.Context, can releases.Release) (string, error) {
	var found []string
	for _, home := range machineHomes() {
		major := javaMajor(ctx, home)
		if major >= leastJava && can.CanUseJava(major) {
			return home, nil
		}
		found = append(found, home+" is version "+strconv.Itoa(major))
	}
	missing := "this machine has none"
	if len(found) > 0 {
		missing = strings.Join(found, ", ")
	}
	return "", errs.New(errs.NotFound, "release %s with Spark %s needs Java %v: %s; install it "+
		"(apt-get install openjdk-17-jre-headless, dnf install java-17-openjdk-headless) or set JAVA_HOME",
		can.Label, can.Spark, usable(can), missing)
}

// usable returns the versions of Java that a release can be run with.
func usable(can releases.Release) []int {
	return slices.DeleteFunc(slices.Clone(can.Java), func(major int) bool { return major < leastJava })
}

// machineHomes returns the Java runtimes that this machine names.
func machineHomes() (homes []string) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		homes = append(homes, home)
	}
	if java, err := exec.LookPath("java"); err == nil {
		if real, err := filepath.EvalSymlinks(java); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(real)))
		}
	}
	return slices.Compact(homes)
}

// javaMajor returns the major version of a runtime: from its release file, else from what it says; 0 if it says nothing.
func javaMajor(ctx context.Context, home string) int {
	said, err := os.ReadFile(filepath.Join(home, "release"))
	if err != nil {
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		said, _ = exec.CommandContext(limited, filepath.Join(home, "bin", "java"), "-version").CombinedOutput()
	}
	if m := javaVersion.FindSubmatch(said); m != nil {
		major, _ := strconv.Atoi(string(m[1]))
		return major
	}
	return 0
}
