package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// applied is a cluster to which files are applied.
type applied struct {
	t       *testing.T
	cluster *clusterfake.Cluster
	server  *clusterfake.Server
	address string
}

func newApplied(t *testing.T) *applied {
	t.Helper()
	c := &clusterfake.Cluster{}
	s := &clusterfake.Server{
		Answer: c.Answer,
		Watch: func(_ *controlv1.WatchEventsRequest,
			stream grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
		) error {
			<-stream.Context().Done()
			return nil
		},
	}
	return &applied{t: t, cluster: c, server: s, address: s.Start(t)}
}

// must runs a command that succeeds.
func (a *applied) must(args ...string) *ran {
	a.t.Helper()
	r := command(a.t.Context(), a.address, args...)
	if r.failed != nil {
		a.t.Fatalf("%v: %v\n%s%s", args, r.failed, r.out.String(), r.err.String())
	}
	return r
}

// refuses runs a command that fails, and checks its error.
func (a *applied) refuses(parts []string, args ...string) *ran {
	a.t.Helper()
	r := command(a.t.Context(), a.address, args...)
	if r.failed == nil || ExitCode(r.failed) != ExitRefused {
		a.t.Fatalf("%v: error %v with exit code %d", args, r.failed, ExitCode(r.failed))
	}
	for _, part := range parts {
		if !strings.Contains(r.failed.Error(), part) {
			a.t.Errorf("%v: error %q lacks %q", args, r.failed, part)
		}
	}
	return r
}

// writes returns the methods of the calls that changed something since the last time.
func (a *applied) writes(from int) []string {
	var methods []string
	for _, call := range a.server.Calls()[from:] {
		if !strings.HasPrefix(call.Method, "Get") && !strings.HasPrefix(call.Method, "List") {
			methods = append(methods, call.Method)
		}
	}
	return methods
}

func (a *applied) wrote(from int, want string) {
	a.t.Helper()
	if got := strings.Join(a.writes(from), " "); got != want {
		a.t.Errorf("calls %q, want %q", got, want)
	}
}

// file writes a file and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const reports = "testdata/apply/reports.yaml"

// edited returns a copy of the reports with other words.
func edited(t *testing.T, replace ...string) string {
	t.Helper()
	content, err := os.ReadFile(reports)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, strings.NewReplacer(replace...).Replace(string(content)))
}

func TestApply_CreatesAndThenFindsNothingToChange(t *testing.T) {
	a := newApplied(t)
	golden(t, "apply-create.txt", a.must("apply", "-f", reports, "--yes").out.Bytes())
	a.wrote(0, "CreateApplication StartJobRun")
	calls := len(a.server.Calls())
	golden(t, "apply-unchanged.txt", a.must("apply", "-f", reports).out.Bytes())
	a.wrote(calls, "")
	if n := len(a.cluster.JobRuns); n != 1 {
		t.Errorf("%d job runs, want 1", n)
	}
}

func TestApply_ShowsAndSendsOnlyWhatDiffers(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	calls := len(a.server.Calls())
	other := edited(t, "cpu: 400vCPU", "cpu: 200vCPU", "cost: \"42\"", "stage: test", "hunter2\n        spark.my",
		"hunter3\n        spark.my",
		"  weight: 3\n", "", "spark.executor.cores: 2", "spark.executor.instances: 8")
	golden(t, "apply-update.txt", a.must("apply", "-f", other, "--yes").out.Bytes())
	a.wrote(calls, "UpdateApplication UntagResource TagResource")
	for _, call := range a.server.Calls()[calls:] {
		if r, is := call.Request.(*controlv1.UpdateApplicationRequest); is {
			same(t, r, &controlv1.UpdateApplicationRequest{
				ApplicationId: "01app1",
				Spec: specv1.Application_builder{
					Weight:          new(int64(1)),
					MaximumCapacity: maximumOf(200000, 1<<20, 1000<<10),
					RuntimeConfiguration: []*specv1.Configuration{classified("spark-defaults", map[string]string{
						"spark.executor.instances":       "8",
						"spark.hadoop.fs.s3a.secret.key": "hunter3",
						"spark.my.password":              "letmein",
					})},
				}.Build(),
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
					"maximum_capacity", "runtime_configuration", "weight",
				}},
			})
		}
	}
	a.must("apply", "-f", other, "--diff")
}

func TestApply_RunWithOtherContentIsAnotherRun(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	a.must("apply", "-f", edited(t, "2026-03-14", "2026-03-15"), "--yes")
	a.must("apply", "-f", edited(t, "name: nightly", "name: weekly"), "--yes")
	a.must("apply", "-f", reports, "--yes")
	if n := len(a.cluster.JobRuns); n != 3 {
		t.Errorf("%d job runs, want 3", n)
	}
	a.must("apply", "-f", edited(t, "application: reports", "application: reports\nclientToken: k"), "--yes")
	a.refuses([]string{"01run4", "another clientToken"}, "apply", "-f",
		edited(t, "application: reports", "application: reports\nclientToken: k", "2026-03-14", "2026-03-16"))
}

func TestApply_StartedApplicationNeedsRestart(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	a.cluster.Applications[0].State = "STARTED"
	other := edited(t, "cpu: 400vCPU", "cpu: 200vCPU")
	calls := len(a.server.Calls())
	for _, how := range []string{"--yes", "--dry-run"} {
		a.refuses([]string{"nothing was changed", "01app1", "STARTED", "--restart"}, "apply", "-f", other, how)
	}
	if r := command(t.Context(), a.address, "apply", "-f", other, "--diff"); ExitCode(r.failed) != 1 {
		t.Errorf("--diff: %v, want exit code 1", r.failed)
	}
	a.cluster.Applications[0].UnfinishedRuns = 2
	a.refuses([]string{"2 unfinished runs", "--force"}, "apply", "-f", other, "--yes", "--restart")
	a.wrote(calls, "")
	a.cluster.Applications[0].UnfinishedRuns = 0
	golden(t, "apply-restart.txt", a.must("apply", "-f", other, "--yes", "--restart").out.Bytes())
	a.wrote(calls, "StopApplication UpdateApplication StartApplication")
	calls = len(a.server.Calls())
	a.must("apply", "-f", edited(t, "cpu: 400vCPU", "cpu: 200vCPU", "team: data", "team: web"), "--yes")
	a.wrote(calls, "TagResource") // tags change in every state
}

func TestApply_ARefusedUpdateStartsTheApplicationAgain(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	a.cluster.Applications[0].State = "STARTED"
	answer := a.server.Answer
	refusing := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		if c.Method == "UpdateApplication" {
			return nil, errs.Field("spec.maximum_capacity.milli_cpu", "it is too small for initial_capacity")
		}
		return answer(c)
	}, Watch: a.server.Watch}
	a.server = refusing
	a.address = refusing.Start(t)
	a.refuses([]string{"reports (01app1)", "spec.maximumCapacity.cpu: it is too small for initialCapacity"},
		"apply", "-f", edited(t, "cpu: 400vCPU", "cpu: 200vCPU"), "--yes", "--restart")
	if state := a.cluster.Applications[0].GetState(); state != "STARTED" {
		t.Errorf("the application is %s, want STARTED", state)
	}
}

func TestApply_AsksOnATerminalOnly(t *testing.T) {
	a := newApplied(t)
	a.refuses([]string{"nobody can be asked", "--yes"}, "apply", "-f", reports)
	for answer, want := range map[string]int{"n\n": 0, "": 0, "yes\n": 1} {
		r := &ran{}
		env := testEnv(r, a.address)
		env.Asks = true
		env.In = strings.NewReader(answer)
		runIn(t.Context(), r, env, "apply", "-f", reports)
		if n := len(a.cluster.Applications); n != want {
			t.Errorf("answer %q made %d applications, want %d: %v", answer, n, want, r.failed)
		}
		if !strings.Contains(r.err.String(), "Create 1, start 1 job runs? [y/N]") {
			t.Errorf("question %q", r.err.String())
		}
		a.cluster.Applications = nil
	}
}

func TestApply_LooksWithoutTouching(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--dry-run")
	r := command(t.Context(), a.address, "apply", "-f", reports, "--diff", "-o", "json")
	if ExitCode(r.failed) != 1 {
		t.Errorf("error %v with exit code %d, want 1", r.failed, ExitCode(r.failed))
	}
	golden(t, "apply-diff.json", r.out.Bytes())
	if !json.Valid(r.out.Bytes()) || bytes.Contains(r.out.Bytes(), []byte("hunter2")) ||
		bytes.Contains(r.out.Bytes(), []byte("letmein")) {
		t.Errorf("output %s", r.out.String())
	}
	a.wrote(0, "")
}

func TestApply_ColoursOnATerminal(t *testing.T) {
	a := newApplied(t)
	r := &ran{}
	env := testEnv(r, a.address)
	env.Colour = true
	runIn(t.Context(), r, env, "apply", "-f", reports, "--dry-run")
	if !strings.Contains(r.out.String(), "\x1b[32m    + releaseLabel: emr-7.2.0\x1b[0m\n") {
		t.Errorf("output %q", r.out.String())
	}
}

func TestApply_RefusesWhatIsAmbiguousOrMissing(t *testing.T) {
	a := newApplied(t)
	reportsSpec := specv1.Application_builder{Name: new("reports")}.Build()
	hive := specv1.Application_builder{Name: new("hive"), Engine: specv1.Engine_ENGINE_HIVE.Enum()}.Build()
	a.cluster.Applications = []*controlv1.Application{
		{ApplicationId: "01one", Spec: reportsSpec, State: "CREATED"},
		{ApplicationId: "01two", Spec: reportsSpec, State: "STARTED"},
		{ApplicationId: "01hive", Spec: hive, State: "CREATED"},
	}
	run := "kind: JobRun\nname: r\napplication: %s\nspec:\n  jobDriver: {process: {command: [x]}}\n"
	a.refuses([]string{"reports.yaml:2", "01one, 01two", "named \"reports\""}, "apply", "-f", reports, "--yes")
	a.refuses([]string{"file.yaml:1", "01one, 01two"}, "apply", "-f", file(t, strings.Replace(run, "%s", "reports", 1)),
		"--yes")
	a.refuses([]string{"file.yaml:1", "no application \"none\""}, "apply", "-f",
		file(t, strings.Replace(run, "%s", "none", 1)), "--yes")
	a.refuses([]string{"01hive", "keeps its type"}, "apply", "-f",
		file(t, "kind: Application\nname: hive\nspec: {type: SPARK, releaseLabel: emr-7.2.0}\n"), "--yes")
	a.refuses([]string{"hidden", "spark.my.password", "write the value"}, "apply", "-f",
		edited(t, "name: reports", "name: other", "letmein", "(hidden)"), "--yes")
	a.refuses([]string{"cannot find a file"}, "apply", "-f", t.TempDir(), "--yes")
	a.refuses([]string{"no such file"}, "apply", "-f", "testdata/none.yaml", "--yes")
	a.wrote(0, "")
}

func TestExport_IsAppliedUnchanged(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	a.must("application", "create", "--name", "tools", "--engine", "process", "--idle-timeout-minutes", "0",
		"--auto-start=false")
	text := a.must("export", "--all").out.String()
	golden(t, "export.yaml", []byte(text))
	if strings.Contains(text, "hunter2") || strings.Contains(text, "letmein") {
		t.Error("export shows a secret")
	}
	calls := len(a.server.Calls())
	r := &ran{}
	env := testEnv(r, a.address)
	env.In = strings.NewReader(text)
	runIn(t.Context(), r, env, "apply", "-f", "-", "--diff")
	if r.failed != nil || !strings.HasSuffix(r.out.String(), "nothing to change\n") {
		t.Errorf("error %v, output\n%s", r.failed, r.out.String())
	}
	a.must("apply", "-f", file(t, strings.Replace(text, "idleTimeoutMinutes: 30", "idleTimeoutMinutes: 20", 1)),
		"--yes")
	a.wrote(calls, "UpdateApplication")
	kept := a.cluster.Applications[0].GetSpec().GetRuntimeConfiguration()[0].GetProperties()
	if got := kept["spark.hadoop.fs.s3a.secret.key"]; got != "hunter2" {
		t.Errorf("the hidden value became %q", got)
	}
	a.refuses([]string{"--all"}, "export")
	a.refuses([]string{"no application \"none\""}, "export", "none")
}
