package spark

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/release"
)

// inArchive is how the JVM says that a class came from our archive of class data; the bottom one is Java's own.
const inArchive = "source: shared objects file (top)"

// loadLog is the option by which a JVM says where each of its classes is from, in a file for each process.
func (n *node) loadLog(role string) string {
	return "-Xlog:class+load:file=" + filepath.Join(n.dir, role+"-%p.loads")
}

// writeClassData writes the archive of the real release once per version of the plug-in, which takes most of a minute.
func (n *node) writeClassData() {
	n.t.Helper()
	r, err := release.Find([]string{n.store.Root()}, label)
	if err != nil {
		n.t.Fatal(err)
	}
	java, err := n.engine.defaultJava(n.t.Context(), r)
	if err != nil {
		n.t.Fatal(err)
	}
	c := &classData{engine: n.engine, tried: map[string]bool{}}
	deadline := time.After(classDataTimeout)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n.engine.useClassData(r, java) == "" {
		_, err := c.write(n.t.Context(), r, java, n.engine.classDataPath(r, java))
		if err == nil {
			continue
		}
		if !errors.Is(err, errBusy) {
			n.t.Fatal(err)
		}
		select { // an agent on this machine writes it, or another one
		case <-tick.C:
		case <-deadline:
			n.t.Fatal(err)
		}
	}
}

// loads returns where the JVM of a role had Spark's classes from, by class. Only who waits has a clean slate, no
// partner in its rehearsal.
func (n *node) loads(role string, warm bool) map[string]string {
	n.t.Helper()
	paths, _ := filepath.Glob(filepath.Join(n.dir, role+"-*.loads"))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			n.t.Fatal(err)
		}
		if strings.Contains(string(content), " io.headrace.spark.CleanSlate source:") == warm {
			return classes(string(content))
		}
	}
	n.t.Fatalf("none of %q is the %s's, warm %t", paths, role, warm)
	return nil
}

// classes returns where classes of Spark are from, without those that a program makes while it runs, such as functions
// of Scala.
func classes(log string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(log) {
		_, class, _ := strings.Cut(line, "] ")
		if class, source, found := strings.Cut(class, " "); found && strings.HasPrefix(class, "org.apache.spark.") {
			if source = strings.TrimSpace(source); source == inArchive || strings.HasPrefix(source, "source: file:") {
				all[class] = source
			}
		}
	}
	return all
}

// checkLoads fails if a JVM read what it has in its archive, but for the few classes that a run needs and a rehearsal
// does not.
func checkLoads(t *testing.T, loads map[string]string, must ...string) {
	t.Helper()
	shared := 0
	for _, source := range loads {
		if source == inArchive {
			shared++
		}
	}
	for _, class := range must {
		if loads[class] != inArchive {
			t.Errorf("%s came from %q, want %q", class, loads[class], inArchive)
		}
	}
	if t.Logf("%d of %d classes of Spark came from the archive", shared, len(loads)); shared*10 < len(loads)*9 {
		t.Error("that is less than nine in ten")
	}
}
