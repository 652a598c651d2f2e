package spec

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

const theKey = "arn:aws:kms:us-east-1:000000000000:key/1234-abcd"

// sparkApplication is an application of which everything is said that has to be.
func sparkApplication(change func(*specv1.Application)) *specv1.Application {
	a := specv1.Application_builder{
		Name:         new("app"),
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		ReleaseLabel: new("emr-7.2.0"),
	}.Build()
	if change != nil {
		change(a)
	}
	return a
}

func sparkRun(change func(*specv1.JobRun)) *specv1.JobRun {
	r := specv1.JobRun_builder{
		Driver: specv1.JobDriver_builder{
			SparkSubmit: specv1.SparkSubmit_builder{EntryPoint: new("s3://b/job.py")}.Build(),
		}.Build(),
	}.Build()
	if change != nil {
		change(r)
	}
	return r
}

func hiveRun(query string, change func(*specv1.Hive)) *specv1.JobRun {
	h := specv1.Hive_builder{Query: new(query)}.Build()
	if change != nil {
		change(h)
	}
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Hive: h}.Build()}.Build()
}

func processRun(change func(*specv1.Process)) *specv1.JobRun {
	p := specv1.Process_builder{Command: []string{"a"}}.Build()
	if change != nil {
		change(p)
	}
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: p}.Build()}.Build()
}

func initial(count, milli, memoryGiB, diskGiB int64, disk specv1.DiskType) *specv1.InitialCapacity {
	return specv1.InitialCapacity_builder{WorkerCount: new(count), WorkerSize: specv1.WorkerSize_builder{
		MilliCpu: new(milli), MemoryMib: new(memoryGiB << 10), DiskMib: new(diskGiB << 10), DiskType: disk.Enum(),
	}.Build()}.Build()
}

func configured(n int) (all []*specv1.Configuration) {
	for i := range n {
		all = append(all, specv1.Configuration_builder{Classification: new("c" + strings.Repeat("x", i))}.Build())
	}
	return all
}

func nested(depth int) []*specv1.Configuration {
	if depth == 0 {
		return nil
	}
	return []*specv1.Configuration{
		specv1.Configuration_builder{Classification: new("c"), Configurations: nested(depth - 1)}.Build(),
	}
}

func property(key, value string) []*specv1.Configuration {
	return []*specv1.Configuration{
		specv1.Configuration_builder{
			Classification: new("spark-defaults"),
			Properties:     map[string]string{key: value},
		}.Build(),
	}
}

// everywhere sends logs and metrics to all that there is.
func everywhere() *specv1.Monitoring {
	return specv1.Monitoring_builder{
		S3:                 specv1.S3Monitoring_builder{LogUri: new("s3://logs/a"), EncryptionKeyArn: new(theKey)}.Build(),
		ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(false)}.Build(),
		LogService: specv1.LogService_builder{
			Enabled:             new(true),
			LogGroupName:        new("/emr/group"),
			LogStreamNamePrefix: new("night"),
			LogTypes:            map[string]*specv1.LogTypes{"SPARK_DRIVER": logs("STDOUT", "STDERR")},
		}.Build(),
		Prometheus: specv1.PrometheusMonitoring_builder{
			RemoteWriteUrl: new("https://metrics.example:9090/api/v1/write"),
		}.Build(),
	}.Build()
}

// settings are overrides with classifications alone.
func settings(all []*specv1.Configuration) *specv1.ConfigurationOverrides {
	return specv1.ConfigurationOverrides_builder{ApplicationConfiguration: all}.Build()
}

func logs(all ...string) *specv1.LogTypes { return specv1.LogTypes_builder{Logs: all}.Build() }

// must is what must be true before a test can ask anything.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError holds that a field is refused, in words that name what matters.
func wantError(t *testing.T, err error, field string, names ...string) {
	t.Helper()
	known, ok := err.(*errs.Error)
	if !ok || known.Kind != errs.Invalid || known.Field != field {
		t.Errorf("got %v, want an error of field %q", err, field)
		return
	}
	for _, name := range names {
		if !strings.Contains(known.Message, name) {
			t.Errorf("%q does not name %q", known.Message, name)
		}
	}
}

func wantSame(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// checked has its defaults written out, and is validated, as servers do it.
func checked(a *specv1.Application) error { return ValidateApplication(DefaultApplication(a)) }

func checkedRun(r *specv1.JobRun) error { return ValidateJobRun(DefaultJobRun(r)) }
