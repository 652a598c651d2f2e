package spark

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// zipOf writes a zip with a program, a link to it and an empty folder, as zip -y does.
func zipOf(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	for _, e := range []struct {
		name string
		mode fs.FileMode
		text string
	}{
		{"bin/run", 0o755, "#!/bin/sh\necho ran\n"},
		{"bin/link", fs.ModeSymlink | 0o777, "run"},
		{"empty/", fs.ModeDir | 0o755, ""},
	} {
		header := &zip.FileHeader{Name: e.name}
		header.SetMode(e.mode)
		w, err := z.CreateHeader(header)
		if err == nil && e.text != "" {
			_, err = w.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// tarOf writes the same as a tar, compressed as Python's tarfile names it.
func tarOf(t *testing.T, name, compression string) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"bin", "empty"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	runnable(t, filepath.Join(dir, "bin", "run"), "echo ran")
	if err := os.Symlink("run", filepath.Join(dir, "bin", "link")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	program := "import sys, tarfile\n" +
		"with tarfile.open(sys.argv[1], 'w:' + sys.argv[2]) as t: t.add(sys.argv[3], '.')"
	if out, err := exec.Command("python3", "-c", program, path, compression, dir).CombinedOutput(); err != nil {
		t.Skipf("cannot write a tar with %q here: %v\n%s", compression, err, out)
	}
	return path
}

// Programs and links of archives of every kind work in driver and executor.
func TestA6_ProgramsAndLinksOfArchivesWorkInDriverAndExecutors(t *testing.T) {
	archives := []string{
		"file://" + zipOf(t, "x.zip") + "#zipped",
		"file://" + zipOf(t, "plain.zip"),
		zipOf(t, "x.jar") + "#jar",
		"file://" + tarOf(t, "x.tar", "") + "#tar",
		"file://" + tarOf(t, "x.tar.gz", "gz") + "#targz",
		tarOf(t, "x.tgz", "gz") + "#tgz",
		"file://" + tarOf(t, "x.tar.bz2", "bz2") + "#bz2",
		"file://" + tarOf(t, "x.tar.xz", "xz") + "#xz",
		"local://" + zipOf(t, "everywhere.zip") + "#everywhere",
	}
	folders := []string{"zipped", "plain.zip", "jar", "tar", "targz", "tgz", "bz2", "xz"}
	script, err := filepath.Abs("testdata/archives.py")
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(t)
	w := assignment("file://"+script, map[string]string{
		"spark.executor.instances": "1",
		"spark.archives":           strings.Join(archives, ", "),
	}, folders...)
	n.start(w)
	out := n.wait()
	for _, folder := range folders {
		for _, who := range []string{"driver", "files", "executor"} {
			if line := who + " " + folder + " ran run True\n"; !strings.Contains(out, line) {
				t.Errorf("the driver did not print %q:\n%s", line, out)
			}
		}
	}
	for _, home := range []string{"driver-1", "executor-1"} {
		program := filepath.Join(workIn(filepath.Join(n.dir, home)), "everywhere", "bin", "link")
		if said, err := exec.Command(program).Output(); err != nil || string(said) != "ran\n" {
			t.Errorf("in %s the archive on every node says %q (%v)", home, said, err)
		}
	}
}

// Spark is told of an archive that it unpacks as it was packed, in the place and with the folder of each one that it
// would not; what it fetches itself stays as it is.
func TestA6_SparkIsToldOfWhatItCanUnpack(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	tgz := tarOf(t, "x.TGZ", "gz")
	misnamed := tarOf(t, "y.tar.gz", "bz2")
	everywhere := "local://" + zipOf(t, "e.zip")
	list := []string{
		tgz + "#kept",
		"https://host/a.zip#far",
		zipOf(t, "x.zip") + "#a",
		zipOf(t, "b c.zip"),
		misnamed + "#d",
		everywhere,
	}
	w := assignment(script(t), map[string]string{"spark.archives": strings.Join(list, ", ")})
	command, err := e.Prepare(t.Context(), w, homeIn(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	own := "file://" + filepath.Join(workIn(dir), ".headrace", "headrace-archive-")
	want := strings.Join([]string{
		tgz + "#kept",
		"https://host/a.zip#far",
		own + "3.tar.gz#a",
		own + "4.tar.gz#b%20c.zip",
		own + "5.tar.gz#d",
		everywhere,
	}, ",")
	content, err := os.ReadFile(filepath.Join(workIn(dir), ".headrace", "spark.properties"))
	if err != nil || !strings.Contains("\n"+string(content), "\nspark.archives="+want+"\n") {
		t.Errorf("%v, want %s in\n%s", err, want, content)
	}
	for _, name := range []string{"kept", "a", "b c.zip", "d", "e.zip", ".headrace/headrace-archive-3.tar.gz"} {
		if command.Sources[name] == "" {
			t.Errorf("nobody learns where %s is from", name)
		}
	}
}

// An archive does not take the place of a file of the run: it is refused with both names, and the file stays.
func TestA6_AnArchiveInThePlaceOfAFileIsRefused(t *testing.T) {
	for alias, packed := range map[string]string{"#settings.json": zipOf(t, "x.zip"), "": zipOf(t, "settings.json")} {
		e, dir := fake(t, "3.11.7")
		settings := filepath.Join(t.TempDir(), "settings.json")
		write(t, settings, "{}")
		_, err := e.Prepare(t.Context(), assignment(script(t), map[string]string{
			"spark.files":    settings,
			"spark.archives": packed + alias,
		}), homeIn(t, dir))
		var refusal *engine.StartError
		if !errors.As(err, &refusal) || refusal.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND ||
			!strings.Contains(refusal.Message, packed) || !strings.Contains(refusal.Message, settings+" of spark.files") {
			t.Errorf("%v, want a refusal that names both", err)
		}
		if content, err := os.ReadFile(filepath.Join(workIn(dir), "settings.json")); err != nil || string(content) != "{}" {
			t.Errorf("the file holds %q, %v", content, err)
		}
	}
}

// An archive that is named twice for one folder is one, however it is named.
func TestA6_AnArchiveThatIsNamedTwiceIsOne(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	packed := zipOf(t, "x.zip")
	list := packed + "#a,file://" + packed + "#./a," + filepath.Dir(packed) + "/./x.zip#a"
	w := assignment(script(t), map[string]string{"spark.archives": list})
	if _, err := e.Prepare(t.Context(), w, homeIn(t, dir)); err != nil {
		t.Fatal(err)
	}
	properties, err := os.ReadFile(filepath.Join(workIn(dir), ".headrace", "spark.properties"))
	if err != nil || strings.Count(string(properties), "headrace-archive-") != 1 {
		t.Errorf("Spark is told of several, %v:\n%s", err, properties)
	}
}

// What is no archive fails the attempt, on this node and without asking others, and names the file and the kinds.
func TestA6_AnArchiveThatIsNoneFailsTheAttempt(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	folder := t.TempDir()
	table := filepath.Join(folder, "table.csv")
	write(t, table, "id,name\n1,one\n")
	large := zipOf(t, "large.zip")
	for archive, want := range map[string]string{
		table:                                    "tar, plain or compressed with gzip, bzip2, xz or zstd",
		"file://" + table + "#data":              "zip, jar, and tar",
		folder:                                   "it is a folder",
		"/no/such.zip":                           "cannot find",
		zipOf(t, "x.zip") + "#../up":             "a folder of its own",
		large + "#a," + large + "#b," + table:    "zip, jar, and tar",
		large + "#a," + zipOf(t, "y.zip") + "#a": large + " is unpacked there",
	} {
		w := assignment(script(t), map[string]string{"spark.archives": archive})
		_, err := e.Prepare(t.Context(), w, homeIn(t, dir))
		uri, _, _ := strings.Cut(archive[strings.LastIndex(archive, ",")+1:], "#")
		var refusal *engine.StartError
		if !errors.As(err, &refusal) || refusal.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND ||
			!strings.Contains(refusal.Message, uri) || !strings.Contains(refusal.Message, want) {
			t.Errorf("%s: %v, want a refusal that names it and says %q", archive, err, want)
		}
	}
}
