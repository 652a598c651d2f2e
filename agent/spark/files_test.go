package spark

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Files are in the driver's working directory under their aliases, as they are in that of executors.
func TestA2_FilesAreInTheDriversWorkingDirectory(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	folder := t.TempDir()
	settings := filepath.Join(folder, "settings.json")
	pex := filepath.Join(folder, "app.pex")
	write(t, settings, "{}")
	write(t, pex, "python")
	command, err := e.Prepare(t.Context(), assignment(script(t), map[string]string{
		"spark.files": settings + ", file://" + settings + "#mine.json," + pex + "," +
			folder + "/*.json,https://x/y",
		"spark.pyspark.python": "./app.pex",
	}), homeIn(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"settings.json": "{}", "mine.json": "{}", "app.pex": "python"} {
		path := filepath.Join(workIn(dir), name)
		content, err := os.ReadFile(path)
		info, _ := os.Stat(path)
		if err != nil || string(content) != want || info.Mode().Perm() != 0o700 {
			t.Errorf("%s holds %q (%v)", name, content, err)
		}
		if command.Sources[name] == "" {
			t.Errorf("nobody learns where %s is from", name)
		}
	}
	properties, err := os.ReadFile(filepath.Join(workIn(dir), ".headrace", "spark.properties"))
	told := string(properties)
	if err != nil || strings.Contains(told, "#mine") || !strings.Contains(told, "/mine.json,") {
		t.Errorf("Spark is told of an alias: %s (%v)", properties, err)
	}
	for files, said := range map[string]string{
		settings + "#../up": "cannot put the file", settings + "#.headrace": "cannot put the file",
		"/no/such/file":                         "cannot find /no/such/file",
		settings + "," + pex + "#settings.json": settings + " is there",
	} {
		w := assignment(script(t), map[string]string{"spark.files": files})
		if _, err := e.Prepare(t.Context(), w, homeIn(t, dir)); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: %v", files, err)
		}
	}
}

// A file that is named twice is one, however it is named.
func TestA2_AFileThatIsNamedTwiceIsOne(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	settings := filepath.Join(t.TempDir(), "settings.json")
	write(t, settings, "{}")
	other := filepath.Join(filepath.Dir(settings), ".", "x", "..", "settings.json")
	list := settings + ",file://" + settings + ",file:" + filepath.Dir(settings) + "/./settings.json," + other
	_, err := e.Prepare(t.Context(), assignment(script(t), map[string]string{"spark.files": list}), homeIn(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	properties, err := os.ReadFile(filepath.Join(workIn(dir), ".headrace", "spark.properties"))
	if err != nil || !strings.Contains("\n"+string(properties), "\nspark.files="+settings+"\n") {
		t.Errorf("Spark is told of others than %s, %v:\n%s", settings, err, properties)
	}
}

// A file never takes the place of the run's own program, nor is it left out without a word.
func TestA2_AFileWithTheEntryPointsNameIsRefused(t *testing.T) {
	const program = "s3://data/code/job.py"
	e, dir := fake(t, "3.11.7")
	p := layout{home: homeIn(t, dir)}
	entry := filepath.Join(p.work(), "job.py")
	local := script(t)
	for file, ok := range map[string]bool{
		program:                           true,
		"s3a://data/code/job.py":          true,
		local + "#mine.py":                true,
		local:                             false,
		"file://" + local + "#./job.py":   false,
		"s3://data/other/job.py":          false,
		"s3://data/other/settings#job.py": false,
	} {
		write(t, entry, "the program")
		_, _, err := e.placeFiles(t.Context(), p, map[string]string{filesSetting: file}, entry, program, 1<<20)
		if content, _ := os.ReadFile(entry); string(content) != "the program" {
			t.Errorf("%s: the entry point is %q now", file, content)
		}
		if ok {
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		var refusal *engine.StartError
		uri, _, _ := strings.Cut(file, "#")
		if !errors.As(err, &refusal) || refusal.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND ||
			!strings.Contains(refusal.Message, uri) || !strings.Contains(refusal.Message, program) {
			t.Errorf("%s: %v, want a refusal that names both", file, err)
		}
	}
}

// Spark cuts blanks at the ends of values that stand in files, and only there.
func TestA5_BlanksAtTheEndsOfValuesAreKept(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	command, err := e.Prepare(t.Context(), assignment(script(t), map[string]string{
		"spark.tab": "\t", "spark.ends": " x ", "spark.line": "x\n", "spark.inner": "a b", "spark.empty": "",
	}), homeIn(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[string]bool{
		"spark.tab=\t": true, "spark.ends= x ": true, "spark.line=x\n": false, "spark.inner=a b": false,
		"spark.empty=": false,
	} {
		at := slices.Index(command.Args, pair)
		if got := at > 0 && command.Args[at-1] == "--conf"; got != want {
			t.Errorf("%q is an argument: %v, want %v", pair, got, want)
		}
	}
}
