package manifest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew; read the difference")

// TestRead_TellsEveryProblemWithItsPlace reads files with mistakes; beside each stands what is said about it.
func TestRead_TellsEveryProblemWithItsPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := &Set{}
		problems := append(set.Read(filepath.Base(path), content), set.Twice()...)
		if len(problems) == 0 {
			t.Errorf("%s: no problem", path)
		}
		var text strings.Builder
		for _, p := range problems {
			text.WriteString(p.String() + "\n")
		}
		golden(t, strings.TrimSuffix(path, ".yaml")+".txt", text.String())
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// Programs write JSON that no reader of YAML takes: pairs of escapes, escaped slashes.
func TestRead_TakesAllJSON(t *testing.T) {
	const text = `{"kind":"JobRun","name":"\ud83d\ude00","application":"a","spec":
		{"jobDriver":{"sparkSubmit":{"entryPoint":"s3:\/\/b\/x.py"}},
		"tags":[]}}`
	set := &Set{}
	problems := set.Read("a.json", []byte(strings.ReplaceAll(text, "[]", "{}")))
	if len(problems) > 0 || len(set.JobRuns) != 1 || set.JobRuns[0].Name != "😀" ||
		set.JobRuns[0].Spec.GetDriver().GetSparkSubmit().GetEntryPoint() != "s3://b/x.py" {
		t.Errorf("%v, %v", problems, set.JobRuns)
	}
	problems = set.Read("a.json", []byte(text))
	if len(problems) != 1 || problems[0].String() != "a.json:3: spec.tags: cannot be a list: give names with values" {
		t.Errorf("%v", problems)
	}
	if problems := set.Read("b.json", []byte("null")); len(problems) > 0 {
		t.Errorf("%v of nothing", problems)
	}
}

func TestError_IsBounded(t *testing.T) {
	problems := make([]Problem, maxProblems+5)
	if text := Error("file", problems).Error(); !strings.HasSuffix(text, "and 5 more") ||
		strings.Count(text, "\n") != maxProblems+1 {
		t.Errorf("error %q", text)
	}
	if err := Error("file", nil); err != nil {
		t.Error(err)
	}
}

func TestRead_TakesWhatTheGuideWritesInOtherCases(t *testing.T) {
	set := &Set{}
	problems := set.Read("x", []byte(`{"kind": "Application", "name": "a", "spec": {"type": "Hive",
		"releaseLabel": "emr-7.2.0",
		"initialCapacity": {"Driver": {"workerCount": 1, "workerConfiguration": {"cpu": 1, "memory": "2 gb"}},
		"TezTask": {"workerCount": 2, "workerConfiguration": {"cpu": "1vCPU", "memory": 2}}},
		"runtimeConfiguration": [{"Classification": "hive-site", "Properties": {"a": true, "b": 007}}]}}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	full := spec.DefaultApplication(set.Applications[0].Spec)
	capacity := full.GetInitialCapacity()
	if full.GetEngine() != specv1.Engine_ENGINE_HIVE || capacity["TezTask"].GetWorkerCount() != 2 ||
		capacity["Driver"].GetWorkerSize().GetDiskMib() != spec.DefaultDiskMiB {
		t.Errorf("%v", full)
	}
	if p := full.GetRuntimeConfiguration()[0].GetProperties(); p["a"] != "true" || p["b"] != "007" {
		t.Errorf("properties %v, want what is written", p)
	}
}

func FuzzRead_NeverPanicsAndWritesWhatItRead(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "../cli/testdata/apply/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Add([]byte(
		"{kind: Application, name: a, spec: {type: SPARK, tags: {\"\\u202ek\": \"\\e]0;x\\a\\u009b\\u2028\\\\\\u202e\\n\"}}}",
	))
	f.Fuzz(func(t *testing.T, content []byte) {
		set := &Set{}
		if len(set.Read("x", content)) > 0 || len(set.Applications) == 0 {
			return
		}
		a := set.Applications[0]
		a.Spec = spec.DefaultApplication(a.Spec)
		text, err := Write(a)
		if err != nil {
			t.Fatal(err)
		}
		if shown := printable.Escape(string(text), "\n\t"); shown != string(text) {
			t.Fatalf("what acts on a terminal stands in\n%s", shown)
		}
		again := &Set{}
		if problems := again.Read("y", text); len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, text)
		}
		if !proto.Equal(again.Applications[0].Spec, a.Spec) {
			t.Fatalf("%v became %v in\n%s", a.Spec, again.Applications[0].Spec, text)
		}
	})
}

// What acts on a terminal stands in the file as YAML's own escape, which means the same.
func TestWrite_EscapesWhatActsOnATerminal(t *testing.T) {
	value := "\x1b[31m \u202e \\\u009b\x7f\nline"
	said := specv1.Application_builder{Tags: map[string]string{"\u2066k": value}}.Build()
	text, err := Write(document(said))
	if err != nil {
		t.Fatal(err)
	}
	if shown := printable.Escape(string(text), "\n"); shown != string(text) || !strings.Contains(shown, `\u202e`) {
		t.Errorf("it wrote\n%s", shown)
	}
	set := &Set{}
	set.Read("x", text) // no cluster takes such a tag, but what is written there is read
	if len(set.Applications) != 1 || !proto.Equal(set.Applications[0].Spec, said) {
		t.Errorf("read back as %v from\n%s", set.Applications, text)
	}
}

// TestRead_TheExampleOfTheDocumentation reads the first example of docs/apply.md.
func TestRead_TheExampleOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../../docs/apply.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(page), "```yaml\n")
	example, _, ended := strings.Cut(example, "```")
	set := &Set{}
	problems := set.Read("docs/apply.md", []byte(example))
	if !found || !ended || len(problems) > 0 || len(set.Applications) != 1 || len(set.JobRuns) != 1 {
		t.Errorf("problems %v, %d applications, %d job runs", problems, len(set.Applications), len(set.JobRuns))
	}
}
