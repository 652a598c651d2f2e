package codec

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/spec/codec/codectest"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// fullMessages are both specs with everything that they can hold.
func fullMessages() []proto.Message {
	var all []proto.Message
	for variant := range codectest.Variants {
		all = append(all, codectest.Full(&specv1.Application{}, variant), codectest.Full(&specv1.JobRun{}, variant))
	}
	return all
}

// readYAML reads a text that is right.
func readYAML(t testing.TB, text string) *Node {
	t.Helper()
	n, problems := tryYAML(text)
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, text)
	}
	return n
}

func tryYAML(text string) (*Node, []Problem) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return nil, []Problem{{Text: err.Error()}}
	}
	return (&YAML{}).Read(&document)
}

func writeYAML(t testing.TB, n *Node) string {
	t.Helper()
	text, err := yaml.Marshal(n.YAML())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decoded decodes a tree into a new message, and holds that it is the same.
func decoded(t *testing.T, d Dialect, n *Node, want proto.Message) {
	t.Helper()
	got := want.ProtoReflect().New().Interface()
	if problems := d.Decode(n, got); len(problems) > 0 {
		t.Fatalf("dialect %d: %v", d, problems)
	}
	if !proto.Equal(got, want) {
		t.Errorf("dialect %d: got\n%v\nwant\n%v", d, got, want)
	}
}

func TestEncode_EveryFieldComesBack(t *testing.T) {
	for _, m := range fullMessages() {
		for _, d := range []Dialect{API, File} {
			n := d.Encode(m)
			decoded(t, d, n, m)
			body := n.AppendJSON(nil)
			read, err := ReadJSON(body)
			if err != nil {
				t.Fatal(err)
			}
			decoded(t, d, read, m)
			decoded(t, d, readYAML(t, string(body)), m)
			decoded(t, d, readYAML(t, writeYAML(t, n)), m)
		}
	}
}

// What encoding/json reads of a tree is what it would have written itself.
func TestMarshalJSON_IsWhatTheStandardLibraryWrites(t *testing.T) {
	text := "a\"\\\b\f\n\r\t\x00\x1f\x7f<&>\u2028\u2029é😀"
	n := &Node{Kind: Object, Members: []Member{{Name: text, Value: &Node{Kind: List, Elements: []*Node{
		{Kind: Text, Text: text},
		{Kind: Number, Text: "1.5e3"},
		{Kind: Number, Text: ".inf"},
		{Kind: Bool, Text: "True"},
		{},
		nil,
		{Kind: Object},
		{Kind: List},
	}}}}}
	want := map[string]any{text: []any{text, json.Number("1.5e3"), ".inf", true, nil, nil, map[string]any{}, []any{}}}
	for _, v := range []any{n, want} {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
		if got := string(n.AppendJSON(nil)) + "\n"; got != out.String() {
			t.Errorf("got\n%s\nwant\n%s", got, out.String())
		}
	}
}

func TestEncode_WritesAmountsEnumsAndBareLists(t *testing.T) {
	a := specv1.Application_builder{
		Engine: specv1.Engine_ENGINE_SPARK.Enum(),
		InitialCapacity: map[string]*specv1.InitialCapacity{"Driver": specv1.InitialCapacity_builder{
			WorkerCount: new(int64(1)),
			WorkerSize: specv1.WorkerSize_builder{
				MilliCpu:  new(int64(500)),
				MemoryMib: new(int64(1536)),
				DiskMib:   new(int64(20 << 10)),
				DiskType:  specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED.Enum(),
			}.Build(),
		}.Build()},
		MaximumCapacity: specv1.MaximumCapacity_builder{MilliCpu: new(int64(0))}.Build(),
		Monitoring: specv1.Monitoring_builder{
			S3: &specv1.S3Monitoring{},
			LogService: specv1.LogService_builder{
				Enabled:  new(false),
				LogTypes: map[string]*specv1.LogTypes{"SPARK_DRIVER": specv1.LogTypes_builder{Logs: []string{"STDOUT"}}.Build()},
			}.Build(),
		}.Build(),
	}.Build()
	const inFile = `type: SPARK
initialCapacity:
    Driver:
        workerCount: 1
        workerConfiguration:
            cpu: 0.5 vCPU
            memory: 1536 MB
            disk: 20 GB
            diskType: SHUFFLE_OPTIMIZED
maximumCapacity: {}
monitoringConfiguration:
    s3MonitoringConfiguration: {}
    cloudWatchLoggingConfiguration:
        enabled: false
        logTypes:
            SPARK_DRIVER:
                - STDOUT
`
	if got := writeYAML(t, File.Encode(a)); got != inFile {
		t.Errorf("got\n%s\nwant\n%s", got, inFile)
	}
	body := string(API.Encode(a).AppendJSON(nil))
	for _, part := range []string{`"cpu":"0.5 vCPU","memory":"2 GB","disk":"20 GB"`, `{"SPARK_DRIVER":["STDOUT"]}`} {
		if !strings.Contains(body, part) {
			t.Errorf("%s lacks %s", body, part)
		}
	}
}

func TestGiven_NamesFieldsWithAValue(t *testing.T) {
	n, err := ReadJSON([]byte(`{"releaseLabel":"x","clientToken":"t","autoStopConfiguration":{},"weight":null,
		"initialCapacity":{},"releaseLabel":"y","maximumCapacity":{},"maximumCapacity":null,"tags":null,"tags":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(API.Given(n, (&specv1.Application{}).ProtoReflect().Descriptor()), " ")
	if got != "release_label auto_stop initial_capacity tags" {
		t.Errorf("given %s", got)
	}
	if n.Get("releaseLabel").Text != "y" || n.Get("none") != nil {
		t.Error("the last member of a name is the one that holds")
	}
}

func TestEnum_IsReadInAnyCase(t *testing.T) {
	ed := specv1.OnDisconnect(0).Descriptor()
	if number, err := EnumNumber(ed, " keep "); number != 2 || err != nil {
		t.Errorf("%d %v", number, err)
	}
	for _, text := range []string{"", "UNSPECIFIED", "ON_DISCONNECT_KEEP", "2"} {
		if _, err := EnumNumber(ed, text); err == nil || !strings.Contains(err.Error(), "FENCE or KEEP") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for number, want := range map[specv1.JobRunMode]string{2: "STREAMING", 0: "", 9: "9"} {
		if got := EnumName(number); got != want {
			t.Errorf("%d is %q, want %q", number, got, want)
		}
	}
}
