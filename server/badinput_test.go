package server_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const (
	parameters = "spark_submit.spark_submit_parameters"
	noSuchID   = "01arz3ndektsv4rrffq69g5fav"
)

// sparkRun is a valid submission with the given parameters.
func sparkRun(application, parameters string) *runRequest {
	return &runRequest{ApplicationId: application, Driver: &controlv1.StartJobRunRequest_SparkSubmit{
		SparkSubmit: &controlv1.SparkSubmit{EntryPoint: "file:///word_count.py", SparkSubmitParameters: parameters}}}
}

func sparkApplication(t testing.TB, c *testcluster.Client) string {
	t.Helper()
	return createApplication(t, c, &createRequest{Name: "spark", Engine: controlv1.Engine_ENGINE_SPARK, ReleaseLabel: "emr-7.2.0"})
}

func badInput(t *testing.T, cluster *testcluster.Cluster) {
	client := cluster.Follower().Client()
	badApplications(t, client)
	badRuns(t, client)
	badIDs(t, client)
}

func badApplications(t *testing.T, client *testcluster.Client) {
	ctx := testcluster.Within(t)
	for name, c := range map[string]struct {
		change func(*createRequest)
		field  string
		names  []string
	}{
		"no engine":       {func(r *createRequest) { r.Engine = 0 }, "engine", nil},
		"engine 99":       {func(r *createRequest) { r.Engine = 99 }, "engine", nil},
		"no release":      {func(r *createRequest) { r.ReleaseLabel = "" }, "release_label", []string{"SPARK"}},
		"unknown release": {func(r *createRequest) { r.ReleaseLabel = "emr-9.9.9" }, "release_label", []string{"emr-9.9.9", "headrace release"}},
		"name":            {func(r *createRequest) { r.Name = "a b" }, "name", []string{"a b", "64"}},
		"long name":       {func(r *createRequest) { r.Name = strings.Repeat("a", 65) }, "name", []string{"64"}},
		"idle 10081":      {func(r *createRequest) { r.IdleTimeoutMinutes = pointer(int64(10081)) }, "idle_timeout_minutes", []string{"10081", "10080"}},
		"idle overflows":  {func(r *createRequest) { r.IdleTimeoutMinutes = pointer(int64(307445735)) }, "idle_timeout_minutes", []string{"307445735"}},
		"idle below":      {func(r *createRequest) { r.IdleTimeoutMinutes = pointer(int64(-1)) }, "idle_timeout_minutes", []string{"-1"}},
		"weight":          {func(r *createRequest) { r.Weight = pointer(int64(0)) }, "weight", []string{"0", "1000"}},
		"capacity":        {func(r *createRequest) { r.MaximumCapacity = &controlv1.Resources{MilliCpu: -1} }, "maximum_capacity", nil},
		"architecture":    {func(r *createRequest) { r.Architecture = "PDP11" }, "architecture", []string{"PDP11"}},
		"token":           {func(r *createRequest) { r.ClientToken = "no spaces" }, "client_token", []string{"no spaces"}},
		"long token":      {func(r *createRequest) { r.ClientToken = strings.Repeat("x", 65) }, "client_token", []string{"64"}},
		"reserved tag":    {func(r *createRequest) { r.Tags = map[string]string{"aws:x": "y"} }, "tags", []string{"aws:x"}},
		"no classification": {func(r *createRequest) {
			r.RuntimeConfiguration = []*controlv1.Configuration{{}}
		}, "runtime_configuration", nil},
	} {
		r := &createRequest{Name: "app", Engine: controlv1.Engine_ENGINE_SPARK, ReleaseLabel: "emr-7.2.0"}
		c.change(r)
		_, err := client.CreateApplication(ctx, r)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
}

func badRuns(t *testing.T, client *testcluster.Client) {
	ctx := testcluster.Within(t)
	spark, process := sparkApplication(t, client), processApplication(t, client)
	tight := createApplication(t, client, &createRequest{Engine: controlv1.Engine_ENGINE_PROCESS,
		MaximumCapacity: &controlv1.Resources{MilliCpu: 2000}})
	change := func(r *runRequest, f func(*runRequest)) *runRequest {
		f(r)
		return r
	}
	for name, c := range map[string]struct {
		request *runRequest
		kind    errs.Kind
		field   string
		names   []string
	}{
		"size off the ladder": {sparkRun(spark, "--conf spark.executor.cores=3"), errs.Invalid, parameters, []string{"spark.executor.cores=3"}},
		"open quote":          {sparkRun(spark, "--conf 'spark.a=b"), errs.Invalid, parameters, []string{"character 8", "never closed"}},
		"unknown option":      {sparkRun(spark, "--frobnicate x"), errs.Invalid, parameters, []string{"--frobnicate"}},
		"own master":          {sparkRun(spark, "--conf spark.master=local"), errs.Invalid, parameters, []string{"spark.master"}},
		"no entry point": {&runRequest{ApplicationId: spark, Driver: &controlv1.StartJobRunRequest_SparkSubmit{
			SparkSubmit: &controlv1.SparkSubmit{}}}, errs.Invalid, "spark_submit.entry_point", nil},
		"no driver":         {&runRequest{ApplicationId: spark}, errs.Invalid, "driver", nil},
		"driver of another": {processRun(spark, 0), errs.Invalid, "driver", []string{"SPARK", "PROCESS"}},
		"oversized": {change(processRun(process, 0), func(r *runRequest) {
			r.GetProcess().Environment = map[string]string{"A": strings.Repeat("x", 127<<10), "B": strings.Repeat("x", 127<<10), "C": strings.Repeat("x", 9<<10)}
		}), errs.Invalid, "job_run", []string{"262144"}},
		"no command": {change(processRun(process, 0), func(r *runRequest) { r.GetProcess().Command = nil }), errs.Invalid, "process.command", nil},
		"1001 tasks": {processRun(process, 1001), errs.Invalid, "process.tasks", []string{"1001", "1000"}},
		"negative size": {change(processRun(process, 0), func(r *runRequest) { r.GetProcess().DriverSize.MilliCpu = -5 }),
			errs.Invalid, "process.driver_size", nil},
		"enormous size": {change(processRun(process, 1), func(r *runRequest) { r.GetProcess().TaskSize.MemoryMib = 1 << 60 }),
			errs.Invalid, "process.task_size", nil},
		"attempts": {change(processRun(process, 0), func(r *runRequest) { r.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: 11} }),
			errs.Invalid, "retry_policy.max_attempts", []string{"11", "10"}},
		"timeout": {change(processRun(process, 0), func(r *runRequest) { r.ExecutionTimeoutMinutes = pointer(int64(1_000_001)) }),
			errs.Invalid, "execution_timeout_minutes", []string{"1000001"}},
		"mode":                {change(processRun(process, 0), func(r *runRequest) { r.Mode = "SOMETIMES" }), errs.Invalid, "mode", []string{"SOMETIMES"}},
		"can never fit":       {processRun(tight, 2), errs.TooLarge, "", []string{"3 vCPU", "2 vCPU", tight}},
		"token":               {change(processRun(process, 0), func(r *runRequest) { r.ClientToken = "a/b" }), errs.Invalid, "client_token", []string{"a/b"}},
		"unknown application": {processRun(noSuchID, 0), errs.NotFound, "", []string{noSuchID}},
	} {
		_, err := client.StartJobRun(ctx, c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.kind, c.field, c.names...) })
	}
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
	_, err = client.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: application, JobRunId: run, GraceSeconds: pointer(int64(3601))})
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
	log, err := client.ReadLog(ctx, &controlv1.ReadLogRequest{ApplicationId: application, JobRunId: run, Stream: "stdout"})
	must(t, err)
	_, err = log.Recv()
	wantError(t, err, errs.NotFound, "", "no worker 0")
}

func badLists(t *testing.T, cluster *testcluster.Cluster) {
	ctx, client := testcluster.Within(t), cluster.Follower().Client()
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
	_, err := client.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: application, JobRunId: run, NextToken: "QUJD"})
	wantError(t, err, errs.Invalid, "next_token")
	_, err = client.ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{ApplicationId: application, JobRunId: run, NextToken: "QUJD"})
	wantError(t, err, errs.Invalid, "next_token")
	_, err = client.ListApplications(ctx, &controlv1.ListApplicationsRequest{MaxResults: 51})
	wantError(t, err, errs.Invalid, "max_results", "51", "50")
	_, err = client.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: application, JobRunId: run, MaxResults: -1})
	wantError(t, err, errs.Invalid, "max_results", "-1", "1000")
	_, err = client.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: noSuchID})
	wantError(t, err, errs.NotFound, "", noSuchID)
}
