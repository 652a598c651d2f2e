package output

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/spec/codec"
	"github.com/headrace/headrace/internal/spec/codec/codectest"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// written returns everything of a message as people read it.
func written(t *testing.T, m proto.Message) string {
	t.Helper()
	var f Fields
	f.AddAll(m)
	var out strings.Builder
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// messages are specs in which every field is set in one at least.
func messages() (all []proto.Message) {
	for _, a := range codectest.Applications() {
		all = append(all, a)
	}
	for _, r := range codectest.JobRuns() {
		all = append(all, r)
	}
	return all
}

func TestAddAll_WritesEveryValueUnderItsName(t *testing.T) {
	for _, m := range messages() {
		text := written(t, m)
		for _, leaf := range codec.Leaves(WithoutSecrets(m)) {
			row, line := rowOf(leaf)
			first, _, _ := strings.Cut(line, "\n")
			if !strings.Contains(text, first) {
				t.Errorf("%s=%q is missing in\n%s", leaf.Path, line, text)
			}
			if name := "\n" + indented(row); !strings.Contains("\n"+text, name) {
				t.Errorf("the row %q of %s is missing in\n%s", name, leaf.Path, text)
			}
		}
	}
}

func TestAddAll_GroupsWhatBelongsTogether(t *testing.T) {
	a := specv1.Application_builder{
		Name: new("reports"),
		InitialCapacity: map[string]*specv1.InitialCapacity{
			"Driver": specv1.InitialCapacity_builder{
				WorkerCount: new(int64(1)),
				WorkerSize:  specv1.WorkerSize_builder{MilliCpu: new(int64(500))}.Build(),
			}.Build(),
			"Executor": specv1.InitialCapacity_builder{WorkerCount: new(int64(2))}.Build(),
		},
		AutoStop: specv1.AutoStop_builder{Enabled: new(false)}.Build(),
		RuntimeConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
			Classification: new("one"),
			Properties:     map[string]string{"b": "two\nlines", "a.password": "hunter2"},
			Configurations: []*specv1.Configuration{specv1.Configuration_builder{Classification: new("below")}.Build()},
		}.Build()},
		Monitoring: specv1.Monitoring_builder{S3: &specv1.S3Monitoring{}}.Build(),
		Network:    specv1.Network_builder{SubnetIds: []string{"subnet-1", "subnet-2"}}.Build(),
	}.Build()
	want := `Name              reports
Initial capacity
  Driver
    Worker count  1
    Worker size
      CPU         0.5 vCPU
  Executor
    Worker count  2
Auto stop
  Enabled         false
Runtime configuration
  one
    Properties    a.password=(hidden)
                  b=two^Jlines
    Configurations
      below       {}
Monitoring
  S3              {}
Network
  Subnet IDs      subnet-1
                  subnet-2
`
	if got := written(t, a); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAddAll_NamesOfUsersDoNothingAndWidenNothing(t *testing.T) {
	a := specv1.Application_builder{
		Name: new("reports"),
		RuntimeConfiguration: []*specv1.Configuration{
			specv1.Configuration_builder{Classification: new("\x1b[31m" + strings.Repeat("x", 2*widest))}.Build(),
		},
	}.Build()
	text := written(t, a)
	if shown := printable.Escape(text, lines); shown != text {
		t.Errorf("it acts on a terminal: %s", shown)
	}
	if first, _, _ := strings.Cut(text, "\n"); len(first) > widest {
		t.Errorf("a long name makes all rows wide:\n%s", text)
	}
}
