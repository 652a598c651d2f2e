package codec

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// body decodes a body, and returns what is wrong with it.
func body(text string, into proto.Message) error {
	n, err := ReadJSON([]byte(text))
	if err != nil {
		return err
	}
	return Error(API.Decode(n, into))
}

func named(name string) *specv1.Application { return specv1.Application_builder{Name: &name}.Build() }

func TestDecode_APITakesWhatClientsSend(t *testing.T) {
	for text, want := range map[string]proto.Message{
		``:      &specv1.Application{},
		"  \n":  &specv1.Application{},
		`null`:  &specv1.Application{},
		` { } `: &specv1.Application{},
		`{"name":"a","name":"b","Name":"c","unknown":{"name":[5,{}]},"weight":null}`: named("b"),
		`{"name":"\u00e9é\ud83d\ude00\uFFFD\"\/\b"}`:                                 named("éé😀\ufffd\"/\b"),
		"{\"name\":\"\ufffd\"}": named("\ufffd"),
		`{"type":" spark "}`:    specv1.Application_builder{Engine: specv1.Engine_ENGINE_SPARK.Enum()}.Build(),
		`{"tags":{"a":"","b":null},"maximumCapacity":{"cpu":"4","memory":"16 gb","disk":"20GB"}}`: specv1.Application_builder{
			Tags: map[string]string{"a": "", "b": ""},
			MaximumCapacity: specv1.MaximumCapacity_builder{
				MilliCpu:  new(int64(4000)),
				MemoryMib: new(int64(16 << 10)),
				DiskMib:   new(int64(20 << 10)),
			}.Build(),
		}.Build(),
		`{"jobDriver":{"sparkSubmit":{"entryPointArguments":["",null,"x"]},"hive":null}}`: specv1.JobRun_builder{
			Driver: specv1.JobDriver_builder{
				SparkSubmit: specv1.SparkSubmit_builder{EntryPointArguments: []string{"", "", "x"}}.Build(),
			}.Build(),
		}.Build(),
	} {
		decodedAs := want.ProtoReflect().New().Interface()
		if err := body(text, decodedAs); err != nil || !proto.Equal(decodedAs, want) {
			t.Errorf("%s: %v, got %v, want %v", text, err, decodedAs, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wrongBodies returns bodies with what is said about them: those of a file, and those that no file can have.
func wrongBodies(t *testing.T) map[string]string {
	t.Helper()
	const tooLarge = "the body is too large: it may have at most 100000 values, 100 deep"
	all := map[string]string{
		"\u00a0{}":             "cannot read the body as JSON",
		"{\"name\":\"n\xff\"}": "name: character 2 is no valid UTF-8",
		strings.Repeat(`{"a":`, 102) + "1" + strings.Repeat("}", 102): strings.Repeat("a.", 100) + "a: " + tooLarge,
		`{"a":[` + strings.Repeat("1,", 100_000) + "1]}":              "a[99998]: " + tooLarge,
	}
	last := ""
	for line := range strings.Lines(read(t, "testdata/wrong.txt")) {
		if said, is := strings.CutPrefix(line, "\t"); is {
			all[last] = strings.TrimSpace(said)
		}
		last = strings.TrimSpace(line)
	}
	return all
}

func TestDecode_APINamesWhatIsWrong(t *testing.T) {
	all := wrongBodies(t)
	for text, want := range all {
		err := body(text, &specv1.Application{})
		if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.200s: %v, want %s", text, err, want)
		}
	}
	if len(all) < 30 {
		t.Errorf("only %d bodies", len(all))
	}
	err := body(`{"jobDriver":{"sparkSubmit":{},"hive":{}}}`, &specv1.JobRun{})
	if err == nil || err.Error() != "jobDriver: it needs exactly one of sparkSubmit, hive and process" {
		t.Error(err)
	}
}

func TestDecode_APITakesWholeAmounts(t *testing.T) {
	for member, amounts := range map[string]map[string]int64{
		"cpu": {
			"4": 4000, "4vCPU": 4000, "16 vcpu": 16000, "1 VCPU": 1000,
			"0": 0, "0.5": 0, "-1": 0, "4  vCPU": 0, "4GB": 0,
		},
		"memory": {
			"4": 4096, "4GB": 4096, "16 gb": 16384, "2Gb": 2048,
			"4MB": 0, "4.5GB": 0, "999999999999999": 0, "1234567890123456": 0,
		},
		"disk": {"20GB": 20480, "20 GB": 20480, "20": 0},
	} {
		for text, want := range amounts {
			m := &specv1.MaximumCapacity{}
			err := body(fmt.Sprintf(`{%q:%q}`, member, text), m)
			if got := m.GetMilliCpu() + m.GetMemoryMib() + m.GetDiskMib(); got != want || (err == nil) != (want > 0) {
				t.Errorf("%s %q: %d %v, want %d", member, text, got, err, want)
			}
		}
	}
	if got := API.Amount(100, specv1.Unit_UNIT_DISK_MIB) + File.Amount(0, specv1.Unit_UNIT_MILLI_CPU); got != "1 GB" {
		t.Error(got)
	}
}

// Times are seconds in API, and what people write in files. Messages of the older syntax are read and written alike.
func TestDecode_TimesAndOtherMessages(t *testing.T) {
	const text = `{"expiresAt":1795305600.123,"url":"u"}`
	m := &controlv1.GetJobRunUIResponse{}
	if err := body(text, m); err != nil || m.GetExpiresAt().AsTime().UnixMilli() != 1795305600123 {
		t.Errorf("%v %v", err, m)
	}
	if got := string(API.Encode(m).AppendJSON(nil)); got != `{"url":"u","expiresAt":1795305600.123}` {
		t.Error(got)
	}
	decoded(t, File, readYAML(t, writeYAML(t, File.Encode(m))), m)
	for _, bad := range []string{`{"expiresAt":"2026-11-22"}`, `{"expiresAt":-1}`, `{"expiresAt":1e300}`} {
		if err := body(bad, m); err == nil || !strings.HasPrefix(err.Error(), "expiresAt: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	hours := &controlv1.Utilization{VcpuHours: 1.5, StorageGbHours: 1e-9}
	decoded(t, API, API.Encode(hours), hours)
	if got := string(API.Encode(hours).AppendJSON(nil)); got != `{"vcpuHours":1.5,"storageGbHours":1e-9}` {
		t.Error(got)
	}
	decoded(t, File, readYAML(t, "{offset: 3, data: aGk=}"), &controlv1.ReadLogResponse{Offset: 3, Data: []byte("hi")})
}

func TestDecode_FileTellsAllProblems(t *testing.T) {
	n := readYAML(t, read(t, "testdata/wrong.yaml"))
	a := &specv1.Application{}
	var got strings.Builder
	for _, p := range File.Decode(n, a) {
		fmt.Fprintf(&got, "%d %s: %s\n", p.Line, p.Path, p.Text)
	}
	want := read(t, "testdata/wrong_yaml.txt")
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if p := a.GetRuntimeConfiguration()[0].GetProperties(); p["x"] != "007" || p["y"] != "2.50" {
		t.Errorf("properties %v, want what is written", p)
	}
	if a.GetEngine() != specv1.Engine_ENGINE_HIVE || a.HasReleaseLabel() {
		t.Errorf("%v", a)
	}
	problems := File.Decode(readYAML(t, "jobDriver:\n  sparkSubmit: {}\n  hive: {}\n"), &specv1.JobRun{})
	retries := readYAML(t, "jobDriver: {process: {tasks: 4294967296, taskRetries: -1}}")
	for i, p := range File.Decode(retries, &specv1.JobRun{}) {
		want := []string{"a whole number from 0 on that fits in 32 bits", "a whole number from 0 on"}
		if !strings.HasSuffix(p.Text, ": give "+want[i]) {
			t.Errorf("%v, want %s", p, want[i])
		}
	}
	one := Problem{Line: 2, Path: "jobDriver", Text: "cannot be without exactly one of sparkSubmit, hive and process"}
	if len(problems) != 1 || problems[0] != one {
		t.Errorf("%v", problems)
	}
}

func TestDecode_TellsNotEverything(t *testing.T) {
	text := `{"` + strings.Repeat("k", 100_000) + `":[` + strings.Repeat("1,", 50_000) + `1]}`
	n, err := ReadJSON([]byte(`{"logTypes":` + text + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if problems := API.Decode(n, &specv1.LogService{}); len(problems) != maxProblems {
		t.Errorf("%d problems", len(problems))
	}
}

func TestText_IsOneText(t *testing.T) {
	for _, c := range []struct {
		dialect       Dialect
		node          *Node
		text, problem string
	}{
		{API, &Node{Kind: Text, Text: "x"}, "x", ""},
		{API, &Node{Kind: Null}, "", ""},
		{API, nil, "", ""},
		{API, &Node{Kind: Number, Text: "5"}, "", "a JSON number is given, and a string is needed"},
		{File, &Node{Kind: Number, Text: "007"}, "007", ""},
		{File, &Node{Kind: List}, "", "cannot be a list: give a single value"},
		{File, &Node{}, "", "cannot be without a value: give one, or leave the line out"},
	} {
		text, problems := c.dialect.Text(c.node)
		if text != c.text || (len(problems) == 0) != (c.problem == "") || len(problems) > 0 && problems[0].Text != c.problem {
			t.Errorf("%v: %q %v, want %q and %q", c.node, text, problems, c.text, c.problem)
		}
	}
}

func TestYAML_IsBounded(t *testing.T) {
	text := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'h'; c++ {
		text += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), c-1)
	}
	for name, text := range map[string]string{
		"aliases": text,
		"depth":   strings.Repeat("[", 102) + strings.Repeat("]", 102),
		"itself":  "&a [*a]",
	} {
		_, problems := tryYAML(text)
		const told = "at most 100000 values, 100 deep"
		if len(problems) != 1 || problems[0].Line == 0 || !strings.Contains(problems[0].Text, told) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestLineOf_FindsWhatIsThereOrWhereItShouldBe(t *testing.T) {
	n := readYAML(t, `kind: Application
spec:
  initialCapacity:
    a.b:
      workerCount: 1
    "a.b].workerCount":
      workerCount: 2
  runtimeConfiguration:
    - classification: x
    - classification: "y]"
      properties:
        k[0].z: v
  type: SPARK
`)
	for path, want := range map[string]int{
		"":                                      1,
		"kind":                                  1,
		"spec.type":                             13,
		"spec.initialCapacity[a.b].workerCount": 5,
		"spec.initialCapacity[a.b].workerConfiguration":      5,
		"spec.initialCapacity[a.b].workerCount].workerCount": 7,
		"spec.runtimeConfiguration[1]":                       10,
		"spec.runtimeConfiguration[y]].properties[k[0].z]":   12,
		"spec.runtimeConfiguration[1].properties[none]":      12,
		"spec.runtimeConfiguration[7].properties":            9,
		"spec.none.none": 3,
		"none":           1,
	} {
		if got := n.LineOf(path); got != want {
			t.Errorf("%s is in line %d, want %d", path, got, want)
		}
	}
}

func TestNearest_OnlyWhatIsNear(t *testing.T) {
	known := []string{"releaseLabel", "type", "tags", "runtimeConfiguration"}
	for name, want := range map[string]string{
		"relaseLabel":   "releaseLabel",
		"Tag":           "tags",
		"runtimeConfig": "runtimeConfiguration",
		"banana":        "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("%s is near %q, want %q", name, got, want)
		}
	}
}

// Whatever comes, it is read or refused, and what is read can be written and means the same then.
func FuzzDecode(f *testing.F) {
	for _, m := range fullMessages() {
		f.Add(File.Encode(m).AppendJSON(nil))
		f.Add([]byte(writeYAML(f, File.Encode(m))))
	}
	for _, text := range []string{
		`[[[]]]`, `{"name":`, "\xff", `{"name":"\ud800"}`, "&a [*a]", "a: &a {<<: *a}", `{"tags":{"":null}}`, "? {}\n: x",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := ReadJSON(text)
		var known *errs.Error
		if err != nil && (!errors.As(err, &known) || known.Kind != errs.Invalid) {
			t.Fatalf("%q is refused with %v", text, err)
		}
		written, problems := tryYAML(string(text))
		for _, into := range []protoreflect.ProtoMessage{&specv1.Application{}, &specv1.JobRun{}} {
			if err == nil && len(API.Decode(n, into)) == 0 {
				_ = API.Encode(into).AppendJSON(nil)
			}
			proto.Reset(into)
			if len(problems) == 0 && len(File.Decode(written, into)) == 0 {
				again := into.ProtoReflect().New().Interface()
				back := writeYAML(t, File.Encode(into))
				if problems := File.Decode(readYAML(t, back), again); len(problems) > 0 || !proto.Equal(again, into) {
					t.Fatalf("%v: %v became %v in\n%s", problems, into, again, back)
				}
			}
		}
	})
}
