package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

type runRequest = controlv1.StartJobRunRequest

func hiveRun(query, parameters string) *runRequest {
	return &runRequest{ApplicationId: "a", Driver: &controlv1.StartJobRunRequest_Hive{Hive: &controlv1.Hive{Query: query, Parameters: parameters}}}
}

func TestStartJobRun_NamesWhatIsWrong(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	change := func(r *runRequest, f func(*runRequest)) *runRequest {
		f(r)
		return r
	}
	process := func(f func(*controlv1.Process)) *runRequest {
		return change(processRun("a"), func(r *runRequest) { f(r.GetProcess()) })
	}
	spark := func(f func(*runRequest)) *runRequest { return change(sparkRun("a", ""), f) }
	policy := func(attempts, failures uint32) func(*runRequest) {
		return func(r *runRequest) {
			r.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: attempts, MaxFailedAttemptsPerHour: failures}
		}
	}
	for name, c := range map[string]struct {
		request *runRequest
		field   string
		names   []string
	}{
		"no driver":             {&runRequest{ApplicationId: "a"}, "driver", []string{"spark_submit, hive and process"}},
		"long name":             {spark(func(r *runRequest) { r.Name = long(257) }), "name", []string{"257", "256"}},
		"blank name":            {spark(func(r *runRequest) { r.Name = "  " }), "name", nil},
		"long role":             {spark(func(r *runRequest) { r.ExecutionRole = long(2049) }), "execution_role", []string{"2048"}},
		"mode":                  {spark(func(r *runRequest) { r.Mode = "SOMETIMES" }), "mode", []string{"SOMETIMES"}},
		"on disconnect":         {spark(func(r *runRequest) { r.OnDisconnect = "HOPE" }), "on_disconnect", []string{"HOPE", "KEEP"}},
		"11 attempts":           {spark(policy(11, 0)), "retry_policy.max_attempts", []string{"11", "10"}},
		"failures of a batch":   {spark(policy(0, 5)), "retry_policy.max_failed_attempts_per_hour", []string{"STREAMING"}},
		"timeout below 0":       {spark(func(r *runRequest) { r.ExecutionTimeoutMinutes = pointer(int64(-1)) }), "execution_timeout_minutes", []string{"-1"}},
		"timeout beyond":        {spark(func(r *runRequest) { r.ExecutionTimeoutMinutes = pointer(int64(1_000_001)) }), "execution_timeout_minutes", []string{"1000001", "1000000"}},
		"no entry point":        {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPoint = " " }), "spark_submit.entry_point", []string{"4096"}},
		"long entry point":      {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPoint = long(4097) }), "spark_submit.entry_point", []string{"4097"}},
		"1025 arguments":        {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPointArguments = slices.Repeat([]string{"a"}, 1025) }), "spark_submit.entry_point_arguments", []string{"1025", "1024"}},
		"long parameters":       {sparkRun("a", long(102_401)), "spark_submit.spark_submit_parameters", []string{"102401", "102400"}},
		"no query":              {hiveRun("", ""), "hive.query", []string{"10280"}},
		"long query":            {hiveRun(long(10_281), ""), "hive.query", []string{"10281"}},
		"long init":             {change(hiveRun("q", ""), func(r *runRequest) { r.GetHive().InitQueryFile = long(257) }), "hive.init_query_file", []string{"257"}},
		"long Hive parameters":  {hiveRun("q", long(102_401)), "hive.parameters", []string{"102401"}},
		"no command":            {process(func(p *controlv1.Process) { p.Command = nil }), "process.command", nil},
		"1001 tasks":            {process(func(p *controlv1.Process) { p.Tasks = 1001 }), "process.tasks", []string{"1001", "1000"}},
		"101 retries of a task": {process(func(p *controlv1.Process) { p.TaskRetries = 101 }), "process.task_retries", []string{"101", "100"}},
		"size below 0":          {process(func(p *controlv1.Process) { p.DriverSize = &controlv1.Resources{MilliCpu: -5} }), "process.driver_size", nil},
		"size beyond":           {process(func(p *controlv1.Process) { p.TaskSize = &controlv1.Resources{DiskMib: 1 << 60} }), "process.task_size", nil},
		"too little CPU":        {process(func(p *controlv1.Process) { p.TaskSize = &controlv1.Resources{MilliCpu: 99} }), "process.task_size", []string{"0.099 vCPU", "0.1 vCPU, 32 MB"}},
		"too little memory":     {process(func(p *controlv1.Process) { p.DriverSize = &controlv1.Resources{MemoryMib: 31} }), "process.driver_size", []string{"31 MB", "32 MB"}},
		"too much memory":       {process(func(p *controlv1.Process) { p.DriverSize = &controlv1.Resources{MemoryMib: 1<<24 + 1} }), "process.driver_size", nil},
		"long command":          {process(func(p *controlv1.Process) { p.Command = []string{"a", long(131_072)} }), "process.command[1]", []string{"131073 bytes", "131072"}},
		"zero in task command":  {process(func(p *controlv1.Process) { p.TaskCommand = []string{"a\x00"} }), "process.task_command[0]", []string{"zero byte"}},
		"large variable":        {process(func(p *controlv1.Process) { p.Environment = map[string]string{"BIG": long(131_072)} }), "process.environment", []string{`"BIG"`, "131077", "131072"}},
		"name of a variable":    {process(func(p *controlv1.Process) { p.Environment = map[string]string{"A=B": ""} }), "process.environment", []string{"equals sign"}},
		"variable without name": {process(func(p *controlv1.Process) { p.Environment = map[string]string{"": "x"} }), "process.environment", nil},
		"zero in a variable":    {process(func(p *controlv1.Process) { p.Environment = map[string]string{"A": "x\x00"} }), "process.environment", []string{"zero byte"}},
		"many arguments":        {process(func(p *controlv1.Process) { p.Command = slices.Repeat([]string{"a"}, 110_000) }), "process.command", []string{"1100000 bytes", "1048576"}},
		"long Spark argument":   {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPointArguments = []string{"a", long(131_072)} }), "spark_submit.entry_point_arguments[1]", []string{"131072"}},
		"zero in an argument":   {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPointArguments = []string{"\x00"} }), "spark_submit.entry_point_arguments[0]", []string{"zero byte"}},
		"zero in entry point":   {spark(func(r *runRequest) { r.GetSparkSubmit().EntryPoint = "a\x00.py" }), "spark_submit.entry_point", []string{"zero byte"}},
		"zero in parameters":    {sparkRun("a", "--conf a=b\x00"), "spark_submit.spark_submit_parameters", []string{"zero byte"}},
		"zero in Hive's":        {hiveRun("q", "--hiveconf a=b\x00"), "hive.parameters", []string{"zero byte"}},
		"zero in a name":        {spark(func(r *runRequest) { r.Name = "a\x00b" }), "name", []string{"zero byte"}},
		"zero in a property": {spark(func(r *runRequest) {
			r.Configuration = []*controlv1.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"a": "\x00"}}}
		}), "configuration", []string{"zero byte"}},
		"zero in a tag": {spark(func(r *runRequest) { r.Tags = map[string]string{"a": "\x00"} }), "tags", nil},
		"configuration": {spark(func(r *runRequest) { r.Configuration = configured(101) }), "configuration", []string{"101"}},
		"monitoring": {spark(func(r *runRequest) {
			r.Monitoring = &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "ftp://x"}}
		}), "monitoring.s3.log_uri", []string{"ftp://x"}},
		"tags": {spark(func(r *runRequest) { r.Tags = map[string]string{"": "x"} }), "tags", []string{"128"}},
	} {
		_, err := startOf(c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
}

// Of several attempts the newest is meant unless one is named.
func TestCase09_GetJobRunOfTheNewestAttemptUnlessOneIsNamed(t *testing.T) {
	s := serve(t)
	application, node := s.create(nil), s.node("n1", "a")
	run := s.submit(application, func(r *runRequest) { r.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: 3} })
	s.end(s.run(run, node), 1)
	get := func(attempt uint32) (*controlv1.GetJobRunResponse, error) {
		return s.GetJobRun(t.Context(), &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run, Attempt: attempt})
	}
	for asked, want := range map[uint32]*controlv1.Attempt{0: {Attempt: 2, State: "WAITING"}, 1: {Attempt: 1, State: "FAILED"}, 2: {Attempt: 2, State: "WAITING"}} {
		answer, err := get(asked)
		must(t, err)
		if got := answer.GetAttempt(); got.GetAttempt() != want.GetAttempt() || got.GetState() != want.GetState() || answer.GetJobRun().GetAttempt() != 2 {
			t.Errorf("attempt %d: %v of %v", asked, got, answer.GetJobRun())
		}
	}
	_, err := get(3)
	wantError(t, err, errs.NotFound, "", run, "no attempt 3", "newest is 2")
}

func TestGetJobRun_ShowsWhatWasSubmitted(t *testing.T) {
	s := serve(t)
	application := s.create(sparkApplication)
	r := sparkRun(application, "--conf spark.executor.instances=1")
	r.Monitoring, r.Configuration, r.Tags = everywhere(), property("spark.executor.cores", "2"), map[string]string{"Team": "Data"}
	started, err := s.StartJobRun(t.Context(), r)
	must(t, err)
	answer, err := s.GetJobRun(t.Context(), &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: started.GetJobRun().GetJobRunId()})
	must(t, err)
	run := answer.GetJobRun()
	wantSame(t, "monitoring", run.GetMonitoring(), everywhere())
	wantSame(t, "settings", run.GetConfiguration()[0], property("spark.executor.cores", "2")[0])
	if run.GetTags()["Team"] != "Data" || run.GetWorkerSize().GetMilliCpu() != 2000 || run.GetInitialWorkers() != 1 || run.GetExecutionTimeoutMinutes() != 720 {
		t.Errorf("run %v", run)
	}
}

func ids(runs []*controlv1.JobRun) (all []string) {
	for _, r := range runs {
		all = append(all, r.GetJobRunId())
	}
	return all
}

// list-job-runs --max-results 51 is refused, 50 accepted; the newest are first (specification of jobs, section 17).
func TestCase17_ListJobRuns(t *testing.T) {
	s := serve(t)
	application := s.create(nil)
	var submitted []string
	for range 52 {
		submitted = append(submitted, s.submit(application, nil))
	}
	slices.Reverse(submitted)
	_, err := s.ListJobRuns(t.Context(), &controlv1.ListJobRunsRequest{ApplicationId: application, MaxResults: 51})
	wantError(t, err, errs.Invalid, "max_results", "51", "50")
	for most, want := range map[int32]int{0: 50, 50: 50, 2: 2} {
		list, err := s.ListJobRuns(t.Context(), &controlv1.ListJobRunsRequest{ApplicationId: application, MaxResults: most})
		must(t, err)
		if got := ids(list.GetJobRuns()); !slices.Equal(got, submitted[:want]) || list.GetNextToken() == "" {
			t.Errorf("of %d: %v", most, got)
		}
		rest, err := s.ListJobRuns(t.Context(), &controlv1.ListJobRunsRequest{ApplicationId: application, NextToken: list.GetNextToken()})
		must(t, err)
		if got := ids(rest.GetJobRuns()); !slices.Equal(got, submitted[want:min(want+50, 52)]) {
			t.Errorf("behind the first %d: %v", want, got)
		}
	}
}

func TestListJobRuns_Selects(t *testing.T) {
	s := serve(t)
	node, application, spark := s.node("n1", "a"), s.create(nil), s.create(sparkApplication)
	batch := s.submit(spark, func(r *runRequest) { r.Driver = sparkRun("", "").GetDriver() })
	streaming := s.submit(spark, func(r *runRequest) { r.Driver, r.Mode = sparkRun("", "").GetDriver(), "STREAMING" })
	first := s.submit(application, nil)
	s.end(s.run(first, node), 0)
	second := s.submit(application, nil)
	createdAt := timestamppb.New(s.door.View().JobRun(second).Created)
	for name, c := range map[string]struct {
		request *controlv1.ListJobRunsRequest
		want    []string
	}{
		"all":             {&controlv1.ListJobRunsRequest{ApplicationId: application}, []string{second, first}},
		"ended well":      {&controlv1.ListJobRunsRequest{ApplicationId: application, States: []string{"SUCCESS", "FAILED"}}, []string{first}},
		"pending":         {&controlv1.ListJobRunsRequest{ApplicationId: application, States: []string{"PENDING"}}, []string{second}},
		"after":           {&controlv1.ListJobRunsRequest{ApplicationId: application, CreatedAfter: createdAt}, nil},
		"before":          {&controlv1.ListJobRunsRequest{ApplicationId: application, CreatedBefore: createdAt}, []string{first}},
		"since the first": {&controlv1.ListJobRunsRequest{ApplicationId: application, CreatedAfter: timestamppb.New(s.door.View().JobRun(first).Created)}, []string{second}},
		"streaming":       {&controlv1.ListJobRunsRequest{ApplicationId: spark, Mode: "STREAMING"}, []string{streaming}},
		"batch":           {&controlv1.ListJobRunsRequest{ApplicationId: spark, Mode: "BATCH"}, []string{batch}},
	} {
		list, err := s.ListJobRuns(t.Context(), c.request)
		if err != nil || !slices.Equal(ids(list.GetJobRuns()), c.want) {
			t.Errorf("%s: %v, %v; expected %v", name, ids(list.GetJobRuns()), err, c.want)
		}
	}
}

func TestListJobRuns_NamesWhatIsWrong(t *testing.T) {
	now, past := timestamppb.Now(), &timestamppb.Timestamp{Seconds: 1}
	for field, c := range map[string]struct {
		request *controlv1.ListJobRunsRequest
		names   []string
	}{
		"states":         {&controlv1.ListJobRunsRequest{States: []string{"QUEUED", "DONE"}}, []string{"DONE", "SUBMITTED, QUEUED, PENDING, SCHEDULED, RUNNING, CANCELLING, SUCCESS, FAILED, CANCELLED"}},
		"mode":           {&controlv1.ListJobRunsRequest{Mode: "batch"}, []string{"batch", "BATCH"}},
		"created_after":  {&controlv1.ListJobRunsRequest{CreatedAfter: now, CreatedBefore: past}, []string{"1970-01-01T00:00:01Z"}},
		"created_before": {&controlv1.ListJobRunsRequest{CreatedBefore: &timestamppb.Timestamp{Nanos: -1}}, nil},
	} {
		_, err := filterOf(c.request)
		wantError(t, err, errs.Invalid, field, c.names...)
	}
}

// STREAMING with a timeout, on a HIVE application, with maxAttempts, and on a release before 7.1.0 (specification of jobs,
// section 17): each is refused.
func TestCase06_StreamingRefusals(t *testing.T) {
	s := serve(t)
	spark := s.create(sparkApplication)
	old := s.create(func(r *createRequest) { r.Engine, r.ReleaseLabel = controlv1.Engine_ENGINE_SPARK, "emr-7.0.0" })
	streaming := func(r *runRequest, change func(*runRequest)) *runRequest {
		r.Mode = "STREAMING"
		if change != nil {
			change(r)
		}
		return r
	}
	hive := hiveRun("s3://b/q.sql", "")
	hive.ApplicationId = s.create(func(r *createRequest) { r.Engine, r.ReleaseLabel = controlv1.Engine_ENGINE_HIVE, "emr-7.2.0" })
	for name, c := range map[string]struct {
		request *runRequest
		field   string
		names   []string
	}{
		"timeout":      {streaming(sparkRun(spark, ""), func(r *runRequest) { r.ExecutionTimeoutMinutes = pointer(int64(60)) }), "execution_timeout_minutes", []string{"60", "STREAMING"}},
		"Hive":         {streaming(hive, nil), "mode", []string{"Spark"}},
		"PROCESS":      {streaming(processRun(spark), nil), "mode", []string{"Spark"}},
		"max_attempts": {streaming(sparkRun(spark, ""), func(r *runRequest) { r.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: 2} }), "retry_policy.max_attempts", []string{"max_failed_attempts_per_hour"}},
		"11 failures": {streaming(sparkRun(spark, ""), func(r *runRequest) { r.RetryPolicy = &controlv1.RetryPolicy{MaxFailedAttemptsPerHour: 11} }),
			"retry_policy.max_failed_attempts_per_hour", []string{"11", "10"}},
		"release": {streaming(sparkRun(old, ""), nil), "mode", []string{"emr-7.0.0", "7.1.0"}},
	} {
		_, err := s.StartJobRun(t.Context(), c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
	for name, r := range map[string]*runRequest{
		"without anything": streaming(sparkRun(spark, ""), nil),
		"timeout 0":        streaming(sparkRun(spark, ""), func(r *runRequest) { r.ExecutionTimeoutMinutes = pointer(int64(0)) }),
	} {
		if _, err := s.StartJobRun(t.Context(), r); err != nil {
			t.Errorf("%s: %v", name, fmt.Sprint(err))
		}
	}
}
