package cli

import (
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// pagesOf answers with so many pages of one application each.
func pagesOf(n int) func(clusterfake.Call) (proto.Message, error) {
	return func(c clusterfake.Call) (proto.Message, error) {
		page, _ := strconv.Atoi(c.Request.(*controlv1.ListApplicationsRequest).GetNextToken())
		answer := &controlv1.ListApplicationsResponse{Applications: []*controlv1.Application{{ApplicationId: "page-" +
			strconv.Itoa(page)}}}
		if page+1 < n {
			answer.NextToken = strconv.Itoa(page + 1)
		}
		return answer, nil
	}
}

// submitted runs job-run start and returns the request that arrived.
func submitted(t *testing.T, args ...string) *controlv1.StartJobRunRequest {
	t.Helper()
	server := answers(map[string]proto.Message{"StartJobRun": &controlv1.StartJobRunResponse{JobRun: aRun()}})
	r := command(t.Context(), server.Start(t), append([]string{"job-run", "start", "01app"}, args...)...)
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	return server.Calls()[0].Request.(*controlv1.StartJobRunRequest)
}

func same(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestStartJobRun_SparkFromFlags(t *testing.T) {
	same(t,
		submitted(t, "--entry-point", "file:///a.py", "--arg", "x", "--arg", "y z", "--spark-submit-parameters",
			"--conf a=b", "--conf", "c=d e",
			"--name", "n", "--client-token", "k", "--max-attempts", "3", "--timeout-minutes", "5", "--mode", "batch",
			"--on-disconnect", "KEEP", "--tag", "t=u", "--priority", "0",
			"--execution-role", "me"),
		&controlv1.StartJobRunRequest{
			ApplicationId: "01app",
			ClientToken:   "k",
			Spec: specv1.JobRun_builder{
				Name:                    new("n"),
				ExecutionRole:           new("me"),
				Mode:                    specv1.JobRunMode_JOB_RUN_MODE_BATCH.Enum(),
				OnDisconnect:            specv1.OnDisconnect_ON_DISCONNECT_KEEP.Enum(),
				Priority:                new(uint32(0)),
				Tags:                    map[string]string{"t": "u"},
				RetryPolicy:             specv1.RetryPolicy_builder{MaxAttempts: new(uint32(3))}.Build(),
				ExecutionTimeoutMinutes: new(int64(5)),
				Driver:                  sparkDriver("file:///a.py", "--conf a=b --conf 'c=d e'", "x", "y z"),
			}.Build(),
		})
}

func TestStartJobRun_ProcessFromFlags(t *testing.T) {
	same(t,
		submitted(t, "--tasks", "2", "--task-retries", "1", "--task-command", "/bin/task -v", "--driver-cpu", "0.5",
			"--driver-memory", "512m",
			"--env", "A=b=c", "--command", "--", "/bin/sh", "-c", "echo hi"),
		&controlv1.StartJobRunRequest{
			ApplicationId: "01app",
			Spec: specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: specv1.Process_builder{
				Command:     []string{"/bin/sh", "-c", "echo hi"},
				TaskCommand: []string{"/bin/task", "-v"},
				Tasks:       new(uint32(2)),
				TaskRetries: new(uint32(1)),
				Environment: map[string]string{"A": "b=c"},
				DriverSize:  specv1.ProcessSize_builder{MilliCpu: new(int64(500)), MemoryMib: new(int64(512))}.Build(),
			}.Build()}.Build()}.Build(),
		})
}

func TestStartJobRun_FlagsOverFile(t *testing.T) {
	path := file(t, "name: file\nmode: BATCH\nclientToken: k\napplicationId: another\njobDriver:\n  sparkSubmit:\n"+
		"    entryPoint: file:///a.py\n    sparkSubmitParameters: --conf a=b\n")
	same(t, submitted(t, "-f", path, "--name", "flag", "--conf", "c=d"), &controlv1.StartJobRunRequest{
		ApplicationId: "01app",
		ClientToken:   "k",
		Spec: specv1.JobRun_builder{
			Name:   new("flag"),
			Mode:   specv1.JobRunMode_JOB_RUN_MODE_BATCH.Enum(),
			Driver: sparkDriver("file:///a.py", "--conf a=b --conf c=d"),
		}.Build(),
	})
}

func TestStartJobRun_TellsAllProblemsOfItsFile(t *testing.T) {
	path := file(t, "clientToken: [x]\nnam: n\nmode: fast\n")
	r := command(t.Context(), answers(nil).Start(t), "job-run", "start", "01app", "-f", path)
	for _, part := range []string{
		"file.yaml:1: clientToken: cannot be a list",
		`file.yaml:2: there is no field "nam": is "name" meant?`,
		`file.yaml:3: mode: cannot be "fast": BATCH or STREAMING`,
	} {
		if r.failed == nil || !strings.Contains(r.failed.Error(), part) {
			t.Errorf("error %v lacks %q", r.failed, part)
		}
	}
}

func TestCreateApplication_LeavesDefaultsToTheServer(t *testing.T) {
	server := answers(
		map[string]proto.Message{
			"CreateApplication": &controlv1.CreateApplicationResponse{Application: anApplication()},
		},
	)
	address := server.Start(t)
	for _, args := range []string{
		"application create --name n --release emr-7.2.0",
		"application create --engine process --auto-start=false --idle-timeout 0 --weight 2 --priority 60 --max-cpu 4 " +
			"--max-memory 3TB --architecture arm64",
	} {
		if r := command(t.Context(), address, strings.Fields(args)...); r.failed != nil {
			t.Fatal(r.failed)
		}
	}
	same(t, server.Calls()[0].Request, &controlv1.CreateApplicationRequest{Spec: specv1.Application_builder{
		Name:         new("n"),
		ReleaseLabel: new("emr-7.2.0"),
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
	}.Build()})
	same(t, server.Calls()[1].Request, &controlv1.CreateApplicationRequest{Spec: specv1.Application_builder{
		Engine:          specv1.Engine_ENGINE_PROCESS.Enum(),
		Architecture:    specv1.Architecture_ARCHITECTURE_ARM64.Enum(),
		AutoStart:       specv1.AutoStart_builder{Enabled: new(false)}.Build(),
		AutoStop:        specv1.AutoStop_builder{Enabled: new(false)}.Build(),
		Weight:          new(int64(2)),
		Priority:        new(uint32(60)),
		MaximumCapacity: maximumOf(4000, 3<<20, 0),
	}.Build()})
}

func TestApplication_SaysWhichNodesItsWorkersGoTo(t *testing.T) {
	server := answers(map[string]proto.Message{
		"CreateApplication": &controlv1.CreateApplicationResponse{Application: anApplication()},
		"ListNodes":         &controlv1.ListNodesResponse{},
	})
	address := server.Start(t)
	for _, args := range [][]string{
		{
			"application", "create", "--release", "emr-7.2.0", "--constraint", "disk == nvme", "--constraint", "zone in (a, b)",
			"--prefer", "gpu exists", "--spread", "rack",
		},
		{"node", "list", "--label", "disk == nvme", "--label", "rack exists"},
	} {
		if r := command(t.Context(), address, args...); r.failed != nil {
			t.Fatal(r.failed)
		}
	}
	same(t, server.Calls()[0].Request, &controlv1.CreateApplicationRequest{Spec: specv1.Application_builder{
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		ReleaseLabel: new("emr-7.2.0"),
		Constraints:  []string{"disk == nvme", "zone in (a, b)"},
		Preferences:  []string{"gpu exists"},
		Spread:       new("rack"),
	}.Build()})
	same(t, server.Calls()[1].Request, &controlv1.ListNodesRequest{Constraints: []string{"disk == nvme", "rack exists"}})
}

func TestCommands_SayWhatCouldNotBeDoneAndWhatIsNext(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		args  string
		exit  int
		parts []string
	}{
		{
			"refused", errs.Field("spec.driver.spark_submit.entry_point", "it names no file"),
			"job-run start a --entry-point x",
			ExitRefused,
			[]string{"cannot start job run: --entry-point: it names no file"},
		},
		{
			"a constraint", errs.Field("spec.constraints[1]", "it has no operator"),
			"job-run start a --entry-point x --constraint gpu",
			ExitRefused,
			[]string{"cannot start job run: --constraint", "it has no operator"},
		},
		{
			"a preference", errs.Field("spec.preferences[0]", "it has no operator"),
			"application create --release emr-7.2.0 --prefer gpu",
			ExitRefused,
			[]string{"cannot create application: --prefer", "it has no operator"},
		},
		{
			"not found",
			errs.New(errs.NotFound, "there is no application \"a\""),
			"application get a",
			ExitRefused,
			[]string{"cannot get application:", "headrace application list"},
		},
		{
			"no node",
			errs.New(errs.NotFound, "there is no node \"n\""),
			"node get n",
			ExitRefused,
			[]string{"cannot get node:", "headrace node list"},
		},
		{
			"no key",
			errs.New(errs.NotFound, "there is no access key"),
			"access-key revoke k",
			ExitRefused,
			[]string{"cannot revoke access key:", "headrace access-key list"},
		},
		{
			"wrong state",
			errs.New(errs.WrongState, "it has 2 unfinished runs"),
			"application stop a",
			ExitRefused,
			[]string{"cannot stop application: it has 2 unfinished runs"},
		},
		{
			"said already", errs.New(errs.WrongState, "cannot stop application a: it has 2 unfinished runs"),
			"application stop a", ExitRefused,
			[]string{"cannot stop application a: it has 2 unfinished runs"},
		},
		{"bad output", nil, "application list --output xml", ExitRefused, []string{"output", "xml", "table or json"}},
		{
			"bad output of get", nil, "application get a --output xml", ExitRefused,
			[]string{"output", "xml", "table, json or yaml"},
		},
		{
			"no document", nil, "application list --output yaml", ExitRefused,
			[]string{"output", "yaml", "table or json"},
		},
		{
			"bad mode", nil, "job-run start a --mode fast --entry-point x", ExitRefused,
			[]string{"mode:", "fast", "BATCH or STREAMING"},
		},
		{
			"bad processor", nil, "application create --architecture mips", ExitRefused,
			[]string{"architecture:", "mips", "X86_64 or ARM64"},
		},
		{
			"bad engine",
			nil,
			"application create --engine mapreduce",
			ExitRefused,
			[]string{"cannot create application: --engine:", "mapreduce"},
		},
		{"bad position", nil, "events --from soon", ExitRefused, []string{"cannot watch events: --from:", "soon"}},
		{
			"both kinds",
			nil, "job-run start a --entry-point x --command -- y", ExitRefused,
			[]string{"cannot start job run: --command:"},
		},
		{"stray words", nil, "job-run start a /bin/true", ExitRefused, []string{"--command -- PROGRAM"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := &clusterfake.Server{Answer: func(clusterfake.Call) (proto.Message, error) { return nil, c.err }}
			r := command(t.Context(), server.Start(t), strings.Fields(c.args)...)
			if r.failed == nil || ExitCode(r.failed) != c.exit {
				t.Fatalf("error %v with exit code %d, want %d", r.failed, ExitCode(r.failed), c.exit)
			}
			for _, part := range c.parts {
				if !strings.Contains(r.failed.Error(), part) {
					t.Errorf("error %q lacks %q", r.failed, part)
				}
			}
			if n := strings.Count(r.failed.Error(), "cannot stop"); n > 1 {
				t.Errorf("error %q says %d times what it cannot do", r.failed, n)
			}
		})
	}
}

func TestExitCode_TellsNoAnswerFromRefusal(t *testing.T) {
	for kind, want := range map[errs.Kind]int{
		errs.Unavailable: ExitNoAnswer,
		errs.Unknown:     ExitNoAnswer,
		errs.Overloaded:  ExitNoAnswer,
		errs.Invalid:     ExitRefused,
	} {
		if got := ExitCode(fail("do it", errs.New(kind, "no"))); got != want {
			t.Errorf("%s exits with %d, want %d", kind, got, want)
		}
	}
}
