package wire

import (
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// everything is a submission with all that every driver has in common.
func everything(change func(*state.Submission)) *state.Submission {
	s := &state.Submission{Name: "n", ExecutionRole: "r", Streaming: true, MaxAttempts: 2, MaxFailures: 3, Timeout: 4 * time.Minute, Keep: true,
		DiskEncryption: encrypted(), ExecutionPolicy: &state.ExecutionPolicy{Policy: "p", ARNs: []string{"a"}},
		Monitoring: everywhere(), Configuration: []state.Configuration{{Classification: "c", Properties: map[string]string{"p": "v"},
			Configurations: []state.Configuration{{Classification: "nested"}}}}}
	change(s)
	return s
}

// everywhere is all that can be said of logs and metrics.
func everywhere() *state.Monitoring {
	off := false
	return &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://l", EncryptionKeyARN: "k"}, Managed: &state.ManagedPersistence{Enabled: &off, EncryptionKeyARN: "k"},
		LogService: &state.LogService{Enabled: true, LogGroupName: "g", LogStreamNamePrefix: "p", EncryptionKeyARN: "k",
			LogTypes: []state.LogTypes{{WorkerType: "SPARK_DRIVER", Logs: []string{"STDOUT"}}}},
		Prometheus: &state.PrometheusMonitoring{RemoteWriteURL: "u"}}
}

func encrypted() *state.DiskEncryption {
	return &state.DiskEncryption{Context: map[string]string{"c": "d"}, KeyARN: "k"}
}

// all is everything that can surround an application.
func all() state.Surroundings {
	off := false
	return state.Surroundings{Image: &state.Image{URI: "i", ResolveOnce: &off}, WorkerImages: []state.WorkerImage{{WorkerType: "Driver", Image: state.Image{URI: "j"}}},
		Network: &state.Network{SubnetIDs: []string{"s"}, SecurityGroupIDs: []string{"g"}}, DiskEncryption: encrypted(),
		Interactive:    &state.Interactive{Studio: &off, Livy: &off, Session: &off},
		IdentityCenter: &state.IdentityCenter{InstanceARN: "a", BackgroundSessions: &off}, JobCostAllocation: &off}
}

// A value that is lost on its way into the log is lost for ever.
func TestSubmission_KeepsEverything(t *testing.T) {
	for name, s := range map[string]*state.Submission{
		"nothing": {},
		"spark": everything(func(s *state.Submission) {
			s.Spark = &state.SparkSubmit{EntryPoint: "e", Arguments: []string{"a"}, Parameters: "p"}
		}),
		"hive": everything(func(s *state.Submission) { s.Hive = &state.Hive{Query: "q", InitQueryFile: "i", Parameters: "p"} }),
		"process": everything(func(s *state.Submission) {
			s.Process = &state.Process{Command: []string{"c"}, TaskCommand: []string{"t"}, Tasks: 5, TaskRetries: 6, Environment: map[string]string{"e": "f"}}
		}),
	} {
		if got := SubmissionOf(Submission(s)); !reflect.DeepEqual(got, *s) {
			t.Errorf("%s comes back as %+v", name, got)
		}
	}
}

func TestValues_KeepEverything(t *testing.T) {
	size := resource.Size{Vector: resource.Vector{MilliCPU: 1, MemoryMiB: 2, DiskMiB: 3}, Disk: resource.DiskShuffleOptimized}
	shape := state.Shape{Driver: state.TypeDriver, DriverSize: size, Worker: state.TypeTask, WorkerSize: size, Initial: 1, Minimum: 2, Maximum: 3, Batch: 4, Paced: true}
	exit := state.Exit{Reason: state.ExitOutOfMemory, Code: 1, Message: "m", PeakBytes: 2}
	failure := state.Failure{Kind: state.FailedTimeout, Message: "m"}
	application := state.Application{Name: "n", Engine: state.EngineSpark, Release: "r", Limit: size.Vector, AutoStart: true, IdleTimeout: 5 * time.Minute, Weight: 6,
		Configuration: []state.Configuration{{Classification: "c"}}, Tags: map[string]string{"a": "b"}, Architecture: "ARM64",
		Initial: []state.InitialCapacity{{Type: state.TypeDriver, Count: 7, Size: size, Wrote: "Driver"}}, MaxRuns: 8, QueueTimeout: 9 * time.Minute, Monitoring: everywhere(),
		Surroundings: all(), PausedTimeout: 10 * time.Minute}
	if ShapeOf(Shape(shape)) != shape || ExitOf(Exit(exit)) != exit || FailureOf(Failure(failure)) != failure || FailureOf(Failure(state.Failure{})) != (state.Failure{}) {
		t.Error("a value is lost")
	}
	settings := state.Settings{Configuration: []state.Configuration{{Classification: "c"}}, Monitoring: everywhere()}
	if got := SettingsOf(Settings(settings)); !reflect.DeepEqual(got, settings) || Settings(state.Settings{}) != nil {
		t.Errorf("the settings come back as %+v", got)
	}
	if got := ApplicationOf(ApplicationSpec(&application)); !reflect.DeepEqual(got, application) {
		t.Errorf("the application comes back as %+v", got)
	}
}

// The numbers of the state are those of the log, and every one of them has the log's name.
func TestNames_AreThoseOfTheLog(t *testing.T) {
	for enum, name := range map[protoreflect.Enum]func(n int32) string{
		eventv1.JobRunState(0):      func(n int32) string { return state.JobRunState(n).String() },
		eventv1.AttemptState(0):     func(n int32) string { return state.AttemptState(n).String() },
		eventv1.ApplicationState(0): func(n int32) string { return state.ApplicationState(n).String() },
		eventv1.WorkerType(0):       func(n int32) string { return state.WorkerType(n).String() },
		eventv1.FailureKind(0):      func(n int32) string { return state.FailureKind(n).String() },
		eventv1.ExitReason(0):       func(n int32) string { return state.ExitReason(n).String() },
		eventv1.Engine(0):           func(n int32) string { return state.Engine(n).String() },
	} {
		values := enum.Descriptor().Values()
		prefix := len(values.ByNumber(0).Name()) - len("UNSPECIFIED")
		for i := 1; i < values.Len(); i++ {
			if v := values.Get(i); name(int32(v.Number())) != string(v.Name())[prefix:] {
				t.Errorf("%s is %q in the state", v.Name(), name(int32(v.Number())))
			}
		}
	}
}
