package spark

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// environmentArchive packs a virtual environment that has a module of its own.
func environmentArchive(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	environment := filepath.Join(dir, "environment")
	out, err := exec.Command("python3", "-m", "venv", "--copies", "--without-pip", environment).CombinedOutput()
	if err != nil {
		t.Skipf("cannot make a virtual environment here: %v\n%s", err, out)
	}
	packages, err := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages"))
	if err != nil || len(packages) != 1 {
		t.Fatalf("site-packages: %v, %v", packages, err)
	}
	write(t, filepath.Join(packages[0], "only_in_the_archive.py"), `WORD = "brought"`)
	return packed(t, environment, filepath.Join(dir, "environment.tar.gz"))
}

// packed packs what is in a directory.
func packed(t *testing.T, dir, archive string) string {
	t.Helper()
	if out, err := exec.Command("tar", "-C", dir, "-czf", archive, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return archive
}

// A Python and its modules in an archive, data in one that is on every node, and Java by a path of the image, for
// driver and executor.
func TestSpark_RunsInABroughtEnvironment(t *testing.T) {
	n := newNode(t)
	data := t.TempDir()
	write(t, filepath.Join(data, "word"), "everywhere")
	folder := packed(t, data, filepath.Join(t.TempDir(), "data.tgz"))
	script, err := filepath.Abs("testdata/environment.py")
	if err != nil {
		t.Fatal(err)
	}
	const python, java = "./environment/bin/python", "/usr/lib/jvm/java-17-amazon-corretto.x86_64/"
	w := assignment("local://"+script, map[string]string{
		"spark.executor.instances": "1", "spark.executorEnv.PYSPARK_PYTHON": python, "spark.executorEnv.JAVA_HOME": java,
		"spark.archives": "file://" + environmentArchive(t) + "#environment,local://" + folder + "#data",
	})
	w.GetSparkDriver().Environment = map[string]string{driverPython: python, workerPython: python, "JAVA_HOME": java}
	n.start(w)
	out := n.wait()
	home, _, err := n.engine.javaHome(t.Context(), n.store.Releases()[0], w, n.home)
	if err != nil {
		t.Fatal(err)
	}
	if real, err := filepath.EvalSymlinks(home); err != nil || !strings.Contains(out, "java "+real+"\n") {
		t.Errorf("the driver does not run on %s: %v", home, err)
	}
	for _, side := range []string{"driver ", "executor "} {
		if line := side + "environment/bin/python brought everywhere "; !strings.Contains(out, line) {
			t.Errorf("the driver did not print %q:\n%s", line, out)
		}
	}
	if _, err := os.Stat(filepath.Join(n.dir, "executor-1", "homes", "w", "work", "data", "word")); err != nil {
		t.Error(err)
	}
}
