package spark

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/release"
)

func TestLog4j_IsSparksUnlessARunChangesIt(t *testing.T) {
	p := layout{home: homeIn(t, t.TempDir()), release: release.Release{EngineVersion: "3.5.1"}}
	if option, err := p.log4j(nil); err != nil || len(option) != 0 {
		t.Errorf("without changes: %q, %v", option, err)
	}
	option, err := p.log4j(map[string]string{"rootLogger.level": "error", "logger.a.name": "x:y = z"})
	path := filepath.Join(p.conf(), "log4j2.properties")
	if err != nil || len(option) != 1 || option[0] != "-Dlog4j2.configurationFile="+path {
		t.Fatalf("with changes: %q, %v", option, err)
	}
	content, err := os.ReadFile(path)
	for _, line := range []string{
		"rootLogger.level=error\n",
		"logger.a.name=x:y = z\n",
		"appender.console.target=SYSTEM_ERR\n",
		"logger.jetty.level=warn\n",
	} {
		if err != nil || !strings.Contains(string(content), line) {
			t.Errorf("%q is not in %s (%v)", line, content, err)
		}
	}
	p.release.EngineVersion = "3.3.2" // which would log to the standard output
	if option, err := p.log4j(nil); err != nil || len(option) != 1 || option[0] != "-Dlog4j2.configurationFile="+path {
		t.Errorf("without changes on Spark 3.3: %q, %v", option, err)
	}
	option = []string{"-Dlog4j2.configurationFile=" + path}
	got := log4jProperty([]string{option[0], "-Xmx1g", "-Dlog4j2.configurationFile=mine.xml"})
	if want := map[string]string{"log4j2.configurationFile": "mine.xml"}; !maps.Equal(got, want) {
		t.Errorf("a process that waits is told %v, want %v: a run's own option comes last", got, want)
	}
}

// The driver's settings are the driver's alone.
func TestSpark_LogsAsARunSays(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/loggers.py")
	if err != nil {
		t.Fatal(err)
	}
	w := assignment("file://"+script, map[string]string{"spark.executor.instances": "1"})
	w.GetSparkDriver().Log4J2 = map[string]string{
		"rootLogger.level":  "error",
		"logger.Mine.name":  "Mine",
		"logger.Mine.level": "info",
	}
	n.start(w)
	out := n.wait()
	if !strings.Contains(out, "10\n") {
		t.Errorf("the driver printed %q", out)
	}
	said := n.read("driver.err")
	if !strings.Contains(said, "INFO Mine: heard of mine") || !strings.Contains(said, "ERROR Other: heard of an error") ||
		strings.Count(said, " INFO ") != 1 {
		t.Errorf("the driver's stderr is %q, want one line of INFO, that of Mine", said)
	}
	if said := n.read("executor-1.err"); strings.Count(said, " INFO ") < 5 {
		t.Errorf("the executor's stderr is %q, want that it says as much as ever", said)
	}
}
