package spark

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/release"
)

// The checked-in jar is what the Java sources give; see plugin/build.sh.
func TestPlugin_IsWhatItsSourcesGive(t *testing.T) {
	if out, err := exec.Command("javac", "-version").CombinedOutput(); err != nil ||
		!strings.HasPrefix(string(out), "javac 17.") {
		t.Skipf("needs javac 17, this machine's is: %s (%v)", out, err)
	}
	root, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Find([]string{root}, label)
	if err != nil {
		t.Skipf("needs Spark's jars: %v", err)
	}
	command := exec.Command("plugin/build.sh", "--check")
	command.Env = append(command.Environ(), "SPARK_HOME="+r.SparkHome)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
