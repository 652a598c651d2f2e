package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// maxJavas is how many Java runtimes are looked at.
const maxJavas = 32

// version finds the version in a runtime's release file and in what java -version says.
var version = regexp.MustCompile(`(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)`)

// Java is a Java runtime.
type Java struct {
	Dir   string // its directory, the value of JAVA_HOME
	Major int    // its major version, such as 17; 0: it does not say
}

// String says it for people.
func (j Java) String() string { return "Java " + strconv.Itoa(j.Major) + " in " + j.Dir }

// Program is its bin/java.
func (j Java) Program() string { return filepath.Join(j.Dir, "bin", "java") }

// Javas returns the machine's runtimes that say their version, each once, those of JAVA_HOME and PATH first.
func (m *Machine) Javas(ctx context.Context) (all []Java) {
	for _, dir := range m.candidates() {
		if found, ok := m.java(ctx, dir); ok && found.Major > 0 {
			all = append(all, found)
		}
	}
	return all
}

// java returns one of the machine's own runtimes, and whether there is one. It runs one that does not say its version
// on disk.
func (m *Machine) java(ctx context.Context, dir string) (Java, bool) {
	found, ok := JavaIn(dir)
	if ok && found.Major == 0 {
		says := func(said string) bool { return Major(said) > 0 }
		found.Major = Major(m.ask(ctx, found.Program(), says, "-version"))
	}
	return found, ok
}

// JavaIn returns the runtime in a directory, such as one of a release, and whether there is one. It does not run it: it
// is not the machine's own.
func JavaIn(dir string) (Java, bool) {
	found := Java{Dir: filepath.Clean(dir)}
	if !runnable(found.Program()) {
		return Java{}, false
	}
	said, _ := os.ReadFile(filepath.Join(found.Dir, ReleaseFile))
	found.Major = Major(string(said))
	return found, true
}

// ReleaseFile is where a runtime says its version.
const ReleaseFile = "release"

// Major finds the major version in what a runtime says of itself; 0 if there is none.
func Major(text string) int {
	if found := version.FindStringSubmatch(text); found != nil {
		number, _ := strconv.Atoi(found[1])
		return number
	}
	return 0
}

// candidates returns the directories that may be Java runtimes, without the other names that they have.
func (m *Machine) candidates() (candidates []string) {
	var real []string
	add := func(dir string) {
		path, err := filepath.EvalSymlinks(dir)
		if err != nil || slices.Contains(real, path) || len(candidates) == maxJavas {
			return
		}
		if runnable(filepath.Join(path, "bin", "java")) {
			candidates = append(candidates, dir)
			real = append(real, path)
		}
	}
	if dir := os.Getenv("JAVA_HOME"); dir != "" {
		add(filepath.Clean(dir))
	}
	if java, err := exec.LookPath("java"); err == nil {
		if path, err := filepath.EvalSymlinks(java); err == nil {
			add(filepath.Dir(filepath.Dir(path)))
		}
	}
	for _, folder := range m.config.Folders {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			add(filepath.Join(folder, entry.Name()))
		}
	}
	return candidates
}
