package message

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A list names each run's program, and shows nothing that may be large.
func TestSummary_LeavesOutWhatMayBeLarge(t *testing.T) {
	driver := specv1.Process_builder{
		Command:     []string{"work", "hard"},
		TaskCommand: []string{"help"},
		Tasks:       new(uint32(2)),
		Environment: map[string]string{"A": "a"},
	}
	hive := specv1.Hive_builder{Query: new("q"), InitQueryFile: new("i"), Parameters: new("p")}
	logs := specv1.Monitoring_builder{
		S3: specv1.S3Monitoring_builder{LogUri: new("s3://logs/a")}.Build(),
	}.Build()
	for want, said := range map[string]specv1.JobDriver_builder{
		`spark_submit:{entry_point:"s3://b/job.py"}`: {SparkSubmit: specv1.SparkSubmit_builder{
			EntryPoint:            new("s3://b/job.py"),
			EntryPointArguments:   []string{"a"},
			SparkSubmitParameters: new("--conf a=b"),
		}.Build()},
		`hive:{query:"q"}`:                 {Hive: hive.Build()},
		`process:{command:"work" tasks:2}`: {Process: driver.Build()},
	} {
		full := spec.DefaultJobRun(specv1.JobRun_builder{
			Name:                   new("n"),
			Driver:                 said.Build(),
			Tags:                   map[string]string{"Team": "Data"},
			ExecutionPolicy:        specv1.ExecutionPolicy_builder{Policy: new("{}")}.Build(),
			ConfigurationOverrides: specv1.ConfigurationOverrides_builder{Monitoring: logs}.Build(),
		}.Build())
		before := proto.CloneOf(full)
		short := summaryOf(full)
		wantSame(t, "the row", full, before)
		left := proto.CloneOf(full)
		left.ClearExecutionPolicy()
		left.ClearConfigurationOverrides()
		left.SetTags(nil)
		left.SetDriver(short.GetDriver())
		wantSame(t, "summary", short, left)
		if got := strings.ReplaceAll(prototext.MarshalOptions{}.Format(short.GetDriver()), "  ", " "); got != want {
			t.Errorf("the driver is %s, want %s", got, want)
		}
	}
}
