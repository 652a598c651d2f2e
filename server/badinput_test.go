package server_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

const (
	parameters = "driver.spark_submit.spark_submit_parameters"
	noSuchID   = "01arz3ndektsv4rrffq69g5fav"
)

// sparkRun is a valid submission with the given parameters; empty: without any.
func sparkRun(application, parameters string) *runRequest {
	submit := specv1.SparkSubmit_builder{EntryPoint: new("file:///word_count.py")}.Build()
	if parameters != "" {
		submit.SetSparkSubmitParameters(parameters)
	}
	return submitted(application, submit)
}

// submitted is a submission of a Spark program.
func submitted(application string, submit *specv1.SparkSubmit) *runRequest {
	return &runRequest{ApplicationId: application, Spec: specv1.JobRun_builder{
		Driver: specv1.JobDriver_builder{SparkSubmit: submit}.Build(),
	}.Build()}
}

// sparkSpec is an application of the Spark engine with a release.
func sparkSpec(release string) *specv1.Application {
	return specv1.Application_builder{
		Name:         new("spark"),
		Engine:       new(specv1.Engine_ENGINE_SPARK),
		ReleaseLabel: &release,
	}.Build()
}

// tightSpec is an application of the PROCESS engine without a name, whose workers hold at most so much.
func tightSpec(milliCPU int64) *specv1.Application {
	return specv1.Application_builder{
		Engine:          new(specv1.Engine_ENGINE_PROCESS),
		MaximumCapacity: specv1.MaximumCapacity_builder{MilliCpu: &milliCPU}.Build(),
	}.Build()
}

func sparkApplication(t testing.TB, c *testcluster.Client) string {
	t.Helper()
	return createApplication(t, c, sparkSpec("emr-7.2.0"))
}

func badInput(t *testing.T, cluster *testcluster.Cluster) {
	client := cluster.Follower().Client()
	badApplications(t, client)
	badRuns(t, client)
	badIDs(t, client)
}

func badApplications(t *testing.T, client *testcluster.Client) {
	ctx := testcluster.Within(t)
	type spec = specv1.Application
	for name, c := range map[string]struct {
		change func(*spec)
		field  string // below spec
		names  []string
	}{
		"no engine":     {func(a *spec) { a.ClearEngine() }, "engine", nil},
		"engine 0":      {func(a *spec) { a.SetEngine(0) }, "engine", nil},
		"engine 99":     {func(a *spec) { a.SetEngine(99) }, "engine", nil},
		"no release":    {func(a *spec) { a.ClearReleaseLabel() }, "release_label", []string{"SPARK"}},
		"empty release": {func(a *spec) { a.SetReleaseLabel("") }, "release_label", nil},
		"unknown release": {
			func(a *spec) { a.SetReleaseLabel("emr-9.9.9") }, "release_label",
			[]string{"emr-9.9.9", "headrace release"},
		},
		"name":           {func(a *spec) { a.SetName("a b") }, "name", []string{"a b", "64"}},
		"long name":      {func(a *spec) { a.SetName(strings.Repeat("a", 65)) }, "name", []string{"64"}},
		"idle 10081":     {idle(10081), "auto_stop.idle_timeout_minutes", []string{"10081", "10080"}},
		"idle overflows": {idle(307445735), "auto_stop.idle_timeout_minutes", []string{"307445735"}},
		"idle below":     {idle(-1), "auto_stop.idle_timeout_minutes", []string{"-1"}},
		"weight":         {func(a *spec) { a.SetWeight(0) }, "weight", []string{"0", "1000"}},
		"capacity": {func(a *spec) {
			a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MilliCpu: new(int64(-1))}.Build())
		}, "maximum_capacity", nil},
		"architecture": {func(a *spec) { a.SetArchitecture(99) }, "architecture", []string{"99", "X86_64"}},
		"reserved tag": {func(a *spec) { a.SetTags(map[string]string{"aws:x": "y"}) }, "tags", []string{"aws:x"}},
		"no classification": {func(a *spec) {
			a.SetRuntimeConfiguration([]*specv1.Configuration{{}})
		}, "runtime_configuration[0].classification", nil},
	} {
		a := sparkSpec("emr-7.2.0")
		c.change(a)
		_, err := client.CreateApplication(ctx, &createRequest{Spec: a})
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "spec."+c.field, c.names...) })
	}
	_, err := client.CreateApplication(ctx, &createRequest{})
	wantError(t, err, errs.Invalid, "spec.engine")
	for token, names := range map[string]string{"no spaces": "no spaces", strings.Repeat("x", 65): "64"} {
		_, err := client.CreateApplication(ctx, &createRequest{ClientToken: token, Spec: sparkSpec("emr-7.2.0")})
		wantError(t, err, errs.Invalid, "client_token", names)
	}
}

// idle gives an application an idle timeout.
func idle(minutes int64) func(*specv1.Application) {
	return func(a *specv1.Application) {
		a.SetAutoStop(specv1.AutoStop_builder{IdleTimeoutMinutes: &minutes}.Build())
	}
}

func badRuns(t *testing.T, client *testcluster.Client) {
	ctx := testcluster.Within(t)
	spark := sparkApplication(t, client)
	process := processApplication(t, client)
	tight := createApplication(t, client, tightSpec(2000))
	changed := func(change func(*specv1.JobRun)) *runRequest {
		r := processRun(process, 1)
		change(r.GetSpec())
		return r
	}
	program := func(change func(*specv1.Process)) *runRequest {
		return changed(func(r *specv1.JobRun) { change(r.GetDriver().GetProcess()) })
	}
	for name, c := range map[string]struct {
		request *runRequest
		field   string // below spec
		names   []string
	}{
		"size off the ladder": {
			sparkRun(spark, "--conf spark.executor.cores=3"), parameters,
			[]string{"spark.executor.cores=3"},
		},
		"open quote": {
			sparkRun(spark, "--conf 'spark.a=b"),
			parameters,
			[]string{"character 8", "never closed"},
		},
		"unknown option":    {sparkRun(spark, "--frobnicate x"), parameters, []string{"--frobnicate"}},
		"own master":        {sparkRun(spark, "--conf spark.master=local"), parameters, []string{"spark.master"}},
		"no entry point":    {submitted(spark, &specv1.SparkSubmit{}), "driver.spark_submit.entry_point", nil},
		"no spec":           {&runRequest{ApplicationId: spark}, "driver", nil},
		"no driver":         {&runRequest{ApplicationId: spark, Spec: &specv1.JobRun{}}, "driver", nil},
		"empty driver":      {changed(func(r *specv1.JobRun) { r.SetDriver(&specv1.JobDriver{}) }), "driver", nil},
		"driver of another": {processRun(spark, 0), "driver", []string{"SPARK", "PROCESS"}},
		"oversized":         {program(oversized), "", []string{"262144"}},
		"no command":        {program(func(p *specv1.Process) { p.SetCommand(nil) }), "driver.process.command", nil},
		"1001 tasks":        {processRun(process, 1001), "driver.process.tasks", []string{"1001", "1000"}},
		"negative size": {
			program(func(p *specv1.Process) { p.GetDriverSize().SetMilliCpu(-5) }),
			"driver.process.driver_size.milli_cpu", nil,
		},
		"enormous size": {
			program(func(p *specv1.Process) { p.GetTaskSize().SetMemoryMib(1 << 60) }),
			"driver.process.task_size.memory_mib", nil,
		},
		"attempts": {retried(processRun(process, 0), 11), "retry_policy.max_attempts", []string{"11", "10"}},
		"timeout": {
			changed(func(r *specv1.JobRun) { r.SetExecutionTimeoutMinutes(1_000_001) }),
			"execution_timeout_minutes",
			[]string{"1000001"},
		},
		"mode": {changed(func(r *specv1.JobRun) { r.SetMode(99) }), "mode", []string{"99", "STREAMING"}},
	} {
		_, err := client.StartJobRun(ctx, c.request)
		t.Run(name, func(t *testing.T) {
			wantError(t, err, errs.Invalid, strings.TrimSuffix("spec."+c.field, "."), c.names...)
		})
	}
	token := processRun(process, 0)
	token.ClientToken = "a/b"
	for name, c := range map[string]struct {
		request *runRequest
		kind    errs.Kind
		field   string
		names   []string
	}{
		"can never fit":       {processRun(tight, 2), errs.TooLarge, "", []string{"3 vCPU", "2 vCPU", tight}},
		"token":               {token, errs.Invalid, "client_token", []string{"a/b"}},
		"unknown application": {processRun(noSuchID, 0), errs.NotFound, "", []string{noSuchID}},
	} {
		_, err := client.StartJobRun(ctx, c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.kind, c.field, c.names...) })
	}
}

// oversized gives a program more environment than a submission may have.
func oversized(p *specv1.Process) {
	p.SetEnvironment(map[string]string{
		"A": strings.Repeat("x", 127<<10),
		"B": strings.Repeat("x", 127<<10),
		"C": strings.Repeat("x", 9<<10),
	})
}

func badIDs(t *testing.T, client *testcluster.Client) {
	ctx := testcluster.Within(t)
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	other := processApplication(t, client)
	_, err := client.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: noSuchID})
	wantError(t, err, errs.NotFound, "", noSuchID)
	_, err = client.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: other, JobRunId: run})
	wantError(t, err, errs.NotFound, "", run, other)
	_, err = client.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: application, JobRunId: noSuchID})
	wantError(t, err, errs.NotFound, "", noSuchID)
	_, err = client.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{
		ApplicationId: application,
		JobRunId:      run,
		GraceSeconds:  pointer(int64(3601)),
	})
	wantError(t, err, errs.Invalid, "grace_seconds", "3601", "3600")
	_, err = client.GetNode(ctx, &controlv1.GetNodeRequest{NodeId: "nowhere"})
	wantError(t, err, errs.NotFound, "", "nowhere")
	_, err = client.ForgetNode(ctx, &controlv1.ForgetNodeRequest{NodeId: "nowhere"})
	wantError(t, err, errs.NotFound, "", "nowhere")
	for field, r := range map[string]*controlv1.ReadLogRequest{
		"stream": {ApplicationId: application, JobRunId: run, Stream: "stdin"},
		"offset": {ApplicationId: application, JobRunId: run, Stream: "stdout", Offset: -1},
	} {
		log, err := client.ReadLog(ctx, r)
		must(t, err)
		_, err = log.Recv()
		wantError(t, err, errs.Invalid, field)
	}
	log, err := client.ReadLog(ctx, &controlv1.ReadLogRequest{
		ApplicationId: application,
		JobRunId:      run,
		Stream:        "stdout",
	})
	must(t, err)
	_, err = log.Recv()
	wantError(t, err, errs.NotFound, "", "no worker 0")
}

func badLists(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	client := cluster.Follower().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	for _, token := range []string{"!", strings.Repeat("QUJD", 300)} {
		_, err := client.ListApplications(ctx, &controlv1.ListApplicationsRequest{NextToken: token})
		wantError(t, err, errs.Invalid, "next_token")
		_, err = client.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: application, NextToken: token})
		wantError(t, err, errs.Invalid, "next_token")
		_, err = client.ListNodes(ctx, &controlv1.ListNodesRequest{NextToken: token})
		wantError(t, err, errs.Invalid, "next_token")
	}
	_, err := client.ListWorkers(ctx, &controlv1.ListWorkersRequest{
		ApplicationId: application,
		JobRunId:      run,
		NextToken:     "QUJD",
	})
	wantError(t, err, errs.Invalid, "next_token")
	_, err = client.ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{
		ApplicationId: application,
		JobRunId:      run,
		NextToken:     "QUJD",
	})
	wantError(t, err, errs.Invalid, "next_token")
	_, err = client.ListApplications(ctx, &controlv1.ListApplicationsRequest{MaxResults: 51})
	wantError(t, err, errs.Invalid, "max_results", "51", "50")
	_, err = client.ListWorkers(ctx, &controlv1.ListWorkersRequest{
		ApplicationId: application,
		JobRunId:      run,
		MaxResults:    -1,
	})
	wantError(t, err, errs.Invalid, "max_results", "-1", "1000")
	_, err = client.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: noSuchID})
	wantError(t, err, errs.NotFound, "", noSuchID)
}
