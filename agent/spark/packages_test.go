package spark

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// repository makes a repository of jars with greeting:hello:1.0, which needs greeting:words:2.0.
func repository(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, needs := range map[string]string{
		"hello:1.0": "<dependencies><dependency><groupId>greeting</groupId><artifactId>words</artifactId>" +
			"<version>2.0</version></dependency></dependencies>",
		"words:2.0": "",
	} {
		artifact, version, _ := strings.Cut(name, ":")
		base := filepath.Join(dir, "greeting", artifact, version, artifact+"-"+version)
		if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
			t.Fatal(err)
		}
		pom := "<project><modelVersion>4.0.0</modelVersion><groupId>greeting</groupId>" +
			"<artifactId>" + artifact + "</artifactId><version>" + version + "</version>" + needs + "</project>"
		write(t, base+".pom", pom)
		write(t, base+".jar", jarWith(t, artifact+".txt", artifact))
	}
	return dir
}

// jarWith returns a jar with one file.
func jarWith(t *testing.T, name, text string) string {
	t.Helper()
	var content bytes.Buffer
	jar := zip.NewWriter(&content)
	file, err := jar.Create(name)
	if err == nil {
		_, err = io.WriteString(file, text)
	}
	if err := errors.Join(err, jar.Close()); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

// settled returns what a driver's properties become on a node with a cache of packages of its own.
func settled(t *testing.T, root string, python bool, properties map[string]string) (map[string]string, error) {
	t.Helper()
	n := newNode(t)
	p, err := n.engine.layout(t.Context(), assignment("local:///x.py", nil), homeIn(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	own := &Engine{config: n.engine.config, machine: n.engine.machine}
	own.packages = &packageCache{engine: own, held: map[string]*os.File{}, root: root}
	defer own.packages.free("w")
	properties = maps.Clone(properties)
	w := &agentv1.AssignedWorker{WorkerId: "w", ReleaseLabel: label}
	err = own.settlePackages(t.Context(), p, w, python, properties)
	return properties, err
}

func TestPackages_AreResolvedOncePerNode(t *testing.T) {
	root, from := t.TempDir(), repository(t)
	wanted := map[string]string{
		packagesSetting:     "greeting:hello:1.0, ",
		repositoriesSetting: "file://" + from,
		"spark.jars":        "file:///own.jar",
	}
	var first []string
	for run := range 2 {
		properties, err := settled(t, root, run == 1, wanted)
		if err != nil {
			t.Fatal(err)
		}
		jars := strings.Split(properties["spark.jars"], ",")
		names := []string{}
		for _, jar := range jars[1:] {
			names = append(names, filepath.Base(jar))
			if info, err := os.Stat(strings.TrimPrefix(jar, "file://")); err != nil || info.Mode().Perm() != 0o644 ||
				!strings.HasPrefix(jar, "file://"+root) {
				t.Errorf("run %d: %s: %v %v", run, jar, info, err)
			}
		}
		if jars[0] != "file:///own.jar" || len(names) != 2 || run == 1 && !slices.Equal(jars, first) {
			t.Errorf("run %d has %v, the first one %v", run, jars, first)
		}
		first = jars
		if python := properties["spark.submit.pyFiles"]; (run == 1) != (python == strings.Join(jars[1:], ",")) {
			t.Errorf("run %d: files of Python are %q", run, python)
		}
		if properties[packagesSetting]+properties[repositoriesSetting] != "" {
			t.Errorf("run %d: Spark would resolve them again: %v", run, properties)
		}
		if err := os.RemoveAll(from); err != nil { // the second run must not need it
			t.Fatal(err)
		}
	}
}

// A set is found under the digest of what it is, so two lists that were resolved to the same have one.
func TestPackages_AreKeptByWhatTheyAre(t *testing.T) {
	root, from := t.TempDir(), repository(t)
	for _, coordinates := range []string{"greeting:hello:1.0", "greeting:hello:1.0,greeting:words:2.0"} {
		wanted := map[string]string{packagesSetting: coordinates, repositoriesSetting: "file://" + from}
		if _, err := settled(t, root, false, wanted); err != nil {
			t.Fatal(err)
		}
	}
	sets, _ := filepath.Glob(filepath.Join(root, "*", manifestFile))
	if len(sets) != 1 {
		t.Fatalf("there are %v", sets)
	}
	digest, _, err := digestOf(sets[0])
	if err != nil || filepath.Base(filepath.Dir(sets[0])) != digest {
		t.Errorf("%s is of the digest %s, %v", sets[0], digest, err)
	}
}

func TestPackages_SayWhatIsMissing(t *testing.T) {
	wanted := map[string]string{
		packagesSetting:     "greeting:hello:9.9",
		repositoriesSetting: "file://" + repository(t),
	}
	_, err := settled(t, t.TempDir(), false, wanted)
	var told *engine.StartError
	if !errors.As(err, &told) || told.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND ||
		!strings.Contains(told.Message, "greeting#hello;9.9: not found") {
		t.Errorf("%v", err)
	}
}

// A package is described in XML, which a repository may let name files of this machine.
func TestPackages_DescriptionsReadNoFiles(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, "greeting")
	from := repository(t)
	pom := filepath.Join(from, "greeting", "hello", "1.0", "hello-1.0.pom")
	write(t, pom, `<!DOCTYPE project [<!ENTITY group SYSTEM "file://`+secret+`">]>`+
		`<project><modelVersion>4.0.0</modelVersion><groupId>&group;</groupId>`+
		`<artifactId>hello</artifactId><version>1.0</version></project>`)
	wanted := map[string]string{packagesSetting: "greeting:hello:1.0", repositoriesSetting: "file://" + from}
	if _, err := settled(t, t.TempDir(), false, wanted); err == nil {
		t.Error("the file was read, and had the right group")
	}
}

// What follows the run's own settings of Ivy the driver resolves in its own directory.
func TestPackages_OfARunsOwnSettingsAreTheDrivers(t *testing.T) {
	root, wanted := t.TempDir(), map[string]string{packagesSetting: "a:b:1", ivySettingsSetting: "file:///mine.xml"}
	properties, err := settled(t, root, false, wanted)
	kept, _ := os.ReadDir(root)
	if err != nil || properties[packagesSetting] != "a:b:1" || !strings.Contains(properties[ivySetting], ownFolder) ||
		len(kept) != 0 {
		t.Errorf("they became %v, %v", properties, err)
	}
}

// What may be something else tomorrow is resolved anew for every worker, and stays as long as that worker does.
func TestPackages_ThatChangeAreNotShared(t *testing.T) {
	root, from := t.TempDir(), repository(t)
	folder := filepath.Join(from, "greeting", "hello", "1-SNAPSHOT")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "hello-1-SNAPSHOT.pom"),
		"<project><modelVersion>4.0.0</modelVersion><groupId>greeting</groupId>"+
			"<artifactId>hello</artifactId><version>1-SNAPSHOT</version></project>")
	wanted := map[string]string{packagesSetting: "greeting:hello:1-SNAPSHOT", repositoriesSetting: "file://" + from}
	for _, day := range []string{"monday", "tuesday"} {
		write(t, filepath.Join(folder, "hello-1-SNAPSHOT.jar"), jarWith(t, day, day))
		properties, err := settled(t, root, false, wanted)
		if err != nil {
			t.Fatal(err)
		}
		jar, err := zip.OpenReader(strings.TrimPrefix(properties["spark.jars"], "file://"))
		if err != nil {
			t.Fatal(err)
		}
		if len(jar.File) != 1 || jar.File[0].Name != day {
			t.Errorf("on %s the jar is of %s", day, jar.File[0].Name)
		}
		_ = jar.Close()
	}
}

// A package is found again by the worker that has it resolved, after a restart of its agent, and by nobody else.
func TestPackages_KeysAreOfWhatIsResolved(t *testing.T) {
	of := func(worker, digest string, properties map[string]string) string {
		w := &agentv1.AssignedWorker{WorkerId: worker, ReleaseLabel: label, ReleaseDigest: []byte(digest)}
		q, err := packagesOf(w, properties)
		if err != nil {
			t.Fatal(err)
		}
		return q.key()
	}
	fixed, changing := map[string]string{packagesSetting: "a:b:1"}, map[string]string{packagesSetting: "a:b:[1,2)"}
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{of("v", "1", fixed), of("w", "1", fixed), true},
		{of("w", "1", changing), of("w", "1", changing), true},
		{of("v", "1", fixed), of("v", "2", fixed), false},
		{of("v", "1", changing), of("w", "1", changing), false},
	} {
		if (c.one == c.other) != c.same {
			t.Errorf("the keys are %s and %s", c.one, c.other)
		}
	}
}

// What a run brings as its Java may put whatever it likes where others find it.
func TestPackages_AreNotResolvedByTheRunsOwnJava(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	java := t.TempDir()
	runnable(t, filepath.Join(java, "bin", "java"), "touch "+ran+"; exit 1")
	n := newNode(t)
	w := assignment("local:///x.py", nil)
	w.GetSparkDriver().Environment = map[string]string{javaVariable: java}
	home := homeIn(t, t.TempDir())
	p, err := n.engine.layout(t.Context(), w, home)
	if err != nil || p.java != java || p.archive != "" {
		t.Fatalf("its Java is %q, with the archive %q, %v", p.java, p.archive, err)
	}
	properties := map[string]string{packagesSetting: "greeting:hello:1.0", repositoriesSetting: "file://" + repository(t)}
	if err := n.engine.settlePackages(t.Context(), p, w, false, properties); err != nil || properties["spark.jars"] == "" {
		t.Errorf("%v, %v", properties, err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the run's Java was started")
	}
	n.engine.packages.free(w.GetWorkerId())
}

// What names packages reaches the resolver as lines.
func TestPackages_AreNamedOnOneLine(t *testing.T) {
	for _, name := range []string{packagesSetting, exclusionsSetting, repositoriesSetting} {
		properties := map[string]string{packagesSetting: "a:b:1"}
		properties[name] += "\n/mine.xml"
		_, err := settled(t, t.TempDir(), false, properties)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
