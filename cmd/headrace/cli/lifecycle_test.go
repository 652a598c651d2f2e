package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// asked runs a command against a server with an answer for everything, and returns the last request.
func asked(t *testing.T, method string, args ...string) proto.Message {
	t.Helper()
	server := answers(map[string]proto.Message{
		"CreateApplication": &controlv1.CreateApplicationResponse{},
		"UpdateApplication": &controlv1.UpdateApplicationResponse{},
		"TagResource":       &controlv1.TagResourceResponse{},
		"UntagResource":     &controlv1.UntagResourceResponse{},
		"GetApplication":    &controlv1.GetApplicationResponse{Application: anApplication()},
		"StartJobRun":       &controlv1.StartJobRunResponse{},
		"ListJobRuns":       &controlv1.ListJobRunsResponse{},
		"GetJobRun":         &controlv1.GetJobRunResponse{JobRun: aFullRun()},
		"ListWorkers":       &controlv1.ListWorkersResponse{}, "CreateAccessKey": &controlv1.CreateAccessKeyResponse{},
		"ListAccessKeys": &controlv1.ListAccessKeysResponse{}, "RevokeAccessKey": &controlv1.RevokeAccessKeyResponse{},
	})
	r := command(t.Context(), server.Start(t), args...)
	if r.failed != nil {
		t.Fatalf("%v: %v", args, r.failed)
	}
	for _, call := range server.Calls() {
		if call.Method == method {
			return call.Request
		}
	}
	t.Fatalf("%v did not call %s", args, method)
	return nil
}

// aFullRun is a run with everything that flags can say.
func aFullRun() *controlv1.JobRun {
	r := aRun()
	r.Spec.SetExecutionRole("arn:role")
	r.Spec.SetOnDisconnect(specv1.OnDisconnect_ON_DISCONNECT_KEEP)
	r.Spec.SetExecutionTimeoutMinutes(60)
	r.Spec.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{
		ApplicationConfiguration: settingsOf(),
		Monitoring:               logsTo(""),
	}.Build())
	r.Spec.SetTags(map[string]string{"team": "b", "headrace.apply": "x/y"})
	r.Spec.GetDriver().GetSparkSubmit().SetSparkSubmitParameters("--conf a=b")
	return r
}

// wanted are two types of workers; driver and executor are what they are called.
func wanted(driver, executor string) map[string]*specv1.InitialCapacity {
	return map[string]*specv1.InitialCapacity{
		driver:   ready(2, 4000, 16<<10, 20<<10, 0),
		executor: ready(50, 4000, 8<<10, 500<<10, specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED),
	}
}

func TestCreateApplication_CapacityInBothForms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "capacity.json")
	text := `{"Driver": {"workerCount": 2, "workerConfiguration": {"cpu": "4 vCPU", "memory": "16 GB", "disk": "20 GB"}},
		"EXECUTOR": {"WorkerCount": 50, "workerConfiguration":
			{"cpu": "4vCPU", "memory": "8GB", "disk": "500gb", "diskType": "Shuffle_Optimized"}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		driver string
		flags  []string
	}{
		{"DRIVER", []string{
			"--initial-capacity", "DRIVER=2:4vCPU,16GB,20GB",
			"--initial-capacity", "EXECUTOR=50:4vCPU,8GB,500GB,SHUFFLE_OPTIMIZED", "--maximum-capacity",
			"400vCPU,1024GB",
		}},
		{"Driver", []string{
			"--initial-capacity", "file://" + path,
			"--maximum-capacity", `{"cpu":"400 vCPU","memory":"1024"}`,
		}},
		{"Driver", []string{"--initial-capacity", text, "--max-cpu", "400", "--max-memory", "1TB"}},
	} {
		create := []string{"application", "create", "--release-label", "emr-7.2.0", "--max-concurrent-runs", "20"}
		r := asked(t, "CreateApplication", append(create, c.flags...)...)
		same(t, r, &controlv1.CreateApplicationRequest{Spec: specv1.Application_builder{
			Engine:          specv1.Engine_ENGINE_SPARK.Enum(),
			ReleaseLabel:    new("emr-7.2.0"),
			InitialCapacity: wanted(c.driver, "EXECUTOR"),
			MaximumCapacity: maximumOf(400000, 1<<20, 0),
			Scheduler:       specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(20))}.Build(),
		}.Build()})
	}
}

// updated returns the request that changes some fields.
func updated(said specv1.Application_builder, fields ...string) *controlv1.UpdateApplicationRequest {
	return &controlv1.UpdateApplicationRequest{
		ApplicationId: "01app",
		Spec:          said.Build(),
		UpdateMask:    &fieldmaskpb.FieldMask{Paths: fields},
	}
}

func TestUpdateApplication_SendsOnlyWhatWasGiven(t *testing.T) {
	update := func(flags ...string) proto.Message {
		return asked(t, "UpdateApplication", append([]string{"application", "update", "01app"}, flags...)...)
	}
	off := specv1.AutoStart_builder{Enabled: new(false)}.Build()
	same(t, update("--auto-start=false"), updated(specv1.Application_builder{AutoStart: off}, "auto_start"))
	same(t, update("--idle-timeout", "0"), updated(specv1.Application_builder{
		AutoStop: specv1.AutoStop_builder{Enabled: new(false)}.Build(),
	}, "auto_stop"))
	same(t, update("--idle-timeout", "30", "--release", "emr-7.3.0", "--architecture", "ARM64", "--weight", "2",
		"--max-cpu", "4"),
		updated(specv1.Application_builder{
			ReleaseLabel:    new("emr-7.3.0"),
			Architecture:    specv1.Architecture_ARCHITECTURE_ARM64.Enum(),
			AutoStop:        specv1.AutoStop_builder{Enabled: new(true), IdleTimeoutMinutes: new(int64(30))}.Build(),
			Weight:          new(int64(2)),
			MaximumCapacity: maximumOf(4000, 0, 0),
		}, "release_label", "architecture", "auto_stop", "weight", "maximum_capacity"))
	same(t, update("--remove-initial-capacity", "--remove-maximum-capacity", "--remove-runtime-configuration",
		"--remove-monitoring", "--remove-max-concurrent-runs"), updated(specv1.Application_builder{},
		"initial_capacity", "maximum_capacity", "scheduler", "runtime_configuration", "monitoring"))
	same(t, update("--max-concurrent-runs", "0"), updated(specv1.Application_builder{}, "scheduler"))
	same(t, update("--max-concurrent-runs", "20", "--queue-timeout-minutes", "60",
		"--runtime-configuration", `[{"Classification":"spark-defaults","Properties":{"a":"b"}}]`,
		"--monitoring", `{"managedPersistenceMonitoringConfiguration":{"enabled":false}}`),
		updated(specv1.Application_builder{
			Scheduler: specv1.Scheduler_builder{
				MaxConcurrentRuns:   new(uint32(20)),
				QueueTimeoutMinutes: new(int64(60)),
			}.Build(),
			RuntimeConfiguration: []*specv1.Configuration{classified("spark-defaults", map[string]string{"a": "b"})},
			Monitoring: specv1.Monitoring_builder{
				ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(false)}.Build(),
			}.Build(),
		}, "scheduler", "runtime_configuration", "monitoring"))
	same(t, asked(t, "TagResource", "application", "update", "01app", "--tag", "a=b"),
		&controlv1.TagResourceRequest{ApplicationId: "01app", Tags: map[string]string{"a": "b"}})
}

func TestCloneApplication_CopiesEverythingButTheName(t *testing.T) {
	want := anApplicationSpec()
	want.SetName("copy")
	want.SetWeight(2)
	same(t, asked(t, "CreateApplication", "application", "clone", "01app", "--name", "copy", "--weight", "2"),
		&controlv1.CreateApplicationRequest{Spec: want})
	want.ClearScheduler()
	want.SetTags(map[string]string{"a": "b"})
	same(t, asked(t, "CreateApplication", "application", "clone", "01app", "--name", "copy", "--weight", "2",
		"--max-concurrent-runs", "0", "--tag", "a=b"), &controlv1.CreateApplicationRequest{Spec: want})
}

func TestCloneJobRun_SubmitsTheSameAgain(t *testing.T) {
	want := aFullRun().GetSpec()
	want.SetName("again")
	want.SetTags(map[string]string{"team": "b"})
	want.GetDriver().GetSparkSubmit().SetSparkSubmitParameters("--conf a=b --conf c=d")
	same(t, asked(t, "StartJobRun", "job-run", "clone", "01app", "01run", "--name", "again", "--conf", "c=d"),
		&controlv1.StartJobRunRequest{ApplicationId: "01app", Spec: want})
}

func TestStartJobRun_SettingsAndMonitoring(t *testing.T) {
	same(t,
		asked(t, "StartJobRun", "job-run", "start", "01app", "--entry-point", "x.py", "--configuration",
			`[{"classification":"spark-defaults","properties":{}}]`,
			"--monitoring", `{"s3MonitoringConfiguration":{}}`, "--mode", "STREAMING", "--max-failed-attempts-per-hour",
			"7"),
		&controlv1.StartJobRunRequest{
			ApplicationId: "01app",
			Spec: specv1.JobRun_builder{
				Mode:        specv1.JobRunMode_JOB_RUN_MODE_STREAMING.Enum(),
				RetryPolicy: specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(7))}.Build(),
				ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
					ApplicationConfiguration: []*specv1.Configuration{classified("spark-defaults", nil)},
					Monitoring:               logsTo(""),
				}.Build(),
				Driver: sparkDriver("x.py", ""),
			}.Build(),
		})
}

func TestListJobRuns_Filters(t *testing.T) {
	same(t,
		asked(t, "ListJobRuns", "job-run", "list", "01app", "--state", "RUNNING,QUEUED", "--mode", "BATCH",
			"--created-after", "24h", "--created-before", "2026-03-14"),
		&controlv1.ListJobRunsRequest{
			ApplicationId: "01app",
			States:        []string{"RUNNING", "QUEUED"},
			Mode:          "BATCH",
			CreatedAfter:  timestamppb.New(now.Add(-24 * time.Hour)),
			CreatedBefore: timestamppb.New(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)),
		})
}

func TestGetJobRun_OneAttempt(t *testing.T) {
	same(t, asked(t, "GetJobRun", "job-run", "get", "01app", "01run", "--attempt", "1"), &controlv1.GetJobRunRequest{
		ApplicationId: "01app",
		JobRunId:      "01run",
		Attempt:       1,
	})
	same(t, asked(t, "ListWorkers", "job-run", "get", "01app", "01run", "--attempt", "1"),
		&controlv1.ListWorkersRequest{
			ApplicationId: "01app",
			JobRunId:      "01run",
			Attempt:       1,
		})
}

func TestTag_AddsAndRemovesOnApplicationsAndRuns(t *testing.T) {
	same(t, asked(t, "TagResource", "tag", "add", "01app", "a=b", "c="), &controlv1.TagResourceRequest{
		ApplicationId: "01app",
		Tags: map[string]string{
			"a": "b",
			"c": "",
		},
	})
	same(t, asked(t, "TagResource", "tag", "add", "01app", "01run", "a=b=c"), &controlv1.TagResourceRequest{
		ApplicationId: "01app",
		JobRunId:      "01run",
		Tags:          map[string]string{"a": "b=c"},
	})
	same(t, asked(t, "UntagResource", "tag", "remove", "01app", "01run", "--key", "a", "c=d"),
		&controlv1.UntagResourceRequest{
			ApplicationId: "01app",
			JobRunId:      "01run",
			TagKeys:       []string{"a", "c"},
		})
}

func TestAccessKey_AsksForAUserAndAnID(t *testing.T) {
	same(t, asked(t, "CreateAccessKey", "access-key", "create", "--user", "bob"),
		&controlv1.CreateAccessKeyRequest{User: "bob"})
	same(t, asked(t, "ListAccessKeys", "access-key", "list", "--user", "bob"),
		&controlv1.ListAccessKeysRequest{User: "bob"})
	same(t, asked(t, "RevokeAccessKey", "access-key", "revoke", "HRAK7"),
		&controlv1.RevokeAccessKeyRequest{AccessKeyId: "HRAK7"})
}

func TestStartApplication_ShowsSlotsAsTheyGetReady(t *testing.T) {
	a := &controlv1.Application{
		ApplicationId: "01app",
		State:         "STARTING",
		Pools: []*controlv1.Pool{{
			WorkerType: "DRIVER",
			Wanted:     2,
		}, {
			WorkerType: "EXECUTOR",
			Wanted:     3,
		}},
	}
	ready := [][2]int64{{0, 0}, {1, 2}, {2, 3}}
	reads := 0
	server := &clusterfake.Server{
		Answer: func(c clusterfake.Call) (proto.Message, error) {
			if c.Method == "GetApplication" {
				a.Pools[0].Ready = ready[reads][0]
				a.Pools[1].Ready = ready[reads][1]
				if reads++; reads == len(ready) {
					a.State = "STARTED"
				}
				return &controlv1.GetApplicationResponse{Application: a, Record: uint64(reads)}, nil
			}
			return &controlv1.StartApplicationResponse{Application: a}, nil
		},
		Watch: func(r *controlv1.WatchEventsRequest,
			s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
		) error {
			return s.Send(&controlv1.WatchEventsResponse{
				Kind: "SlotsReady",
				Time: ago(0),
				Next: &controlv1.Position{Record: r.GetFrom().GetRecord() + 1},
			})
		},
	}
	r := command(t.Context(), server.Start(t), "application", "start", "01app", "--wait")
	if r.failed != nil || r.out.String() != "application 01app is STARTED\n" {
		t.Fatalf("error %v, output %q", r.failed, r.out.String())
	}
	want := "15:09:26.000  STARTING   driver 0 of 2 ready, executor 0 of 3 ready\n" +
		"15:09:26.000  STARTING   driver 1 of 2 ready, executor 2 of 3 ready\n" +
		"15:09:26.000  STARTED    driver 2 of 2 ready, executor 3 of 3 ready\n"
	if r.err.String() != want {
		t.Errorf("progress\n%s\nwant\n%s", r.err.String(), want)
	}
}

func TestFlags_SayWhatIsWrong(t *testing.T) {
	for args, parts := range map[string][]string{
		"application update 01app": {"no flag names a change"},
		"application update 01app --queue-timeout-minutes 60": {
			"queue-timeout-minutes",
			"--max-concurrent-runs",
		},
		"application update 01app --max-concurrent-runs 0 --queue-timeout-minutes 60": {
			"queue-timeout-minutes",
			"--max-concurrent-runs",
		},
		"application update 01app --initial-capacity DRIVER=2:4,16GB,20GB,floppy": {
			"initial-capacity",
			"DRIVER", "STANDARD or SHUFFLE_OPTIMIZED",
		},
		"application update 01app --initial-capacity DRIVER=2": {
			"initial-capacity",
			"DRIVER=2:4vCPU,16GB,20GB",
		},
		"application update 01app --initial-capacity DRIVER=2:4x,16GB": {
			"initial-capacity",
			"DRIVER", "4x",
		},
		"application update 01app --initial-capacity DRIVER=1:4,16 --initial-capacity d=x": {
			"initial-capacity",
			"d=x",
		},
		"application update 01app --initial-capacity DRIVER=1:4,16 --initial-capacity driver=1:4,16": {"twice"},
		"application update 01app --initial-capacity {\"DRIVER\":{\"workerCuont\":1}}": {
			"--initial-capacity:1", "workerCuont", "is \"workerCount\" meant?",
		},
		"application update 01app --maximum-capacity 400vCPU": {
			"maximum-capacity",
			"400vCPU,1024GB",
		},
		"application update 01app --maximum-capacity 4,8 --max-cpu 4": {
			"maximum-capacity",
			"--max-cpu",
		},
		"application update 01app --runtime-configuration {}": {
			"runtime-configuration",
			"give a list",
		},
		"application update 01app --runtime-configuration [{\"clssification\":\"x\"}]": {"\"classification\" meant?"},
		"application update 01app --monitoring {\"s3\":{}}": {
			"monitoring", "s3",
			"s3MonitoringConfiguration",
		},
		"application update 01app --monitoring file:///none.json": {
			"monitoring",
			"/none.json",
		},
		"application clone 01app": {"name"},
		"job-run list 01app --created-after soon": {
			"created-after",
			"24h",
		},
		"tag add 01app 01run": {"KEY=VALUE"},
		"tag remove 01app":    {"--key KEY"},
		"worker get 01none":   {"cannot get worker", "headrace worker list"},
	} {
		r := command(t.Context(), answers(nil).Start(t), strings.Fields(args)...)
		if r.failed == nil || ExitCode(r.failed) != ExitRefused {
			t.Errorf("%s: error %v with exit code %d", args, r.failed, ExitCode(r.failed))
			continue
		}
		for _, part := range parts {
			if !strings.Contains(r.failed.Error(), part) {
				t.Errorf("%s: error %q lacks %q", args, r.failed, part)
			}
		}
	}
}

func TestCompletion_OffersWhatTheClusterHas(t *testing.T) {
	server := answers(world()).Start(t)
	for args, want := range map[string]string{
		"application get ":                   "01app\treports STARTED",
		"job-run get 01app ":                 "01run\tcount RUNNING",
		"application get -o yaml ":           "01app\treports STARTED",
		"job-run list 01app --mode ":         "STREAMING",
		"application create --architecture ": "ARM64",
		"application get rep":                "reports\t01app STARTED",
		"application create --release ":      "emr-7.2.0\tSpark 3.5.1",
		"node get ":                          "zone-a-1\tzone-a READY",
		"access-key revoke ":                 "HRAKKKKKKKKKKKKKKKKK\tbob",
		"events --job-run ":                  "01run\tcount RUNNING",
	} {
		r := command(t.Context(), server, append([]string{"__complete"}, strings.Split(args, " ")...)...)
		if r.failed != nil || !strings.Contains(r.out.String(), want+"\n") {
			t.Errorf("%q offers %q (%v), want %q", args, r.out.String(), r.failed, want)
		}
	}
}
