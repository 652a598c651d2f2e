package control

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

type runRequest = controlv1.StartJobRunRequest

func hiveRun(query string) *runRequest {
	return requestOf("a", specv1.JobDriver_builder{Hive: specv1.Hive_builder{Query: new(query)}.Build()})
}

// changedRun returns a request after a change of its spec.
func changedRun(r *runRequest, change func(*specv1.JobRun)) *runRequest {
	change(r.GetSpec())
	return r
}

// One of each kind of rule, and what Linux cannot start. Package spec has all the others.
func TestStartJobRun_NamesWhatIsWrong(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	spark := func(change func(*specv1.JobRun)) *runRequest { return changedRun(sparkRun("a", ""), change) }
	arguments := func(all ...string) *runRequest {
		return spark(func(r *specv1.JobRun) { r.GetDriver().GetSparkSubmit().SetEntryPointArguments(all) })
	}
	process := func(change func(*specv1.Process)) *runRequest {
		return changedRun(processRun("a"), func(r *specv1.JobRun) { change(r.GetDriver().GetProcess()) })
	}
	variables := func(all map[string]string) *runRequest {
		return process(func(p *specv1.Process) { p.SetEnvironment(all) })
	}
	for name, c := range map[string]struct {
		request *runRequest
		field   string
		names   []string
	}{
		"nothing":     {&runRequest{ApplicationId: "a"}, "driver", []string{"spark_submit, hive and process"}},
		"long name":   {spark(func(r *specv1.JobRun) { r.SetName(long(257)) }), "name", []string{"257", "256"}},
		"acting name": {spark(func(r *specv1.JobRun) { r.SetName("a\x1b[31m") }), "name", []string{"^["}},
		"mode":        {spark(func(r *specv1.JobRun) { r.SetMode(9) }), "mode", []string{"9", "STREAMING"}},
		"on disconnect": {
			spark(func(r *specv1.JobRun) { r.SetOnDisconnect(9) }),
			"on_disconnect",
			[]string{"9", "KEEP"},
		},
		"1025 arguments": {
			arguments(slices.Repeat([]string{"a"}, 1025)...),
			"driver.spark_submit.entry_point_arguments",
			[]string{"1025", "1024"},
		},
		"settings": {
			spark(func(r *specv1.JobRun) {
				twice := append(property("a", ""), property("b", "")...)
				r.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{ApplicationConfiguration: twice}.Build())
			}),
			"configuration_overrides.application_configuration[1].classification",
			[]string{"twice"},
		},
		"tags": {spark(func(r *specv1.JobRun) { r.SetTags(map[string]string{"": "x"}) }), "tags", []string{"128"}},

		"long command": {
			process(func(p *specv1.Process) { p.SetCommand([]string{"a", long(131_072)}) }),
			"driver.process.command[1]",
			[]string{"131073 bytes", "131072"},
		},
		"long task command": {
			process(func(p *specv1.Process) { p.SetTaskCommand([]string{long(131_072)}) }),
			"driver.process.task_command[0]",
			[]string{"131072"},
		},
		"zero in task command": {
			process(func(p *specv1.Process) { p.SetTaskCommand([]string{"a\x00"}) }),
			"driver.process.task_command[0]",
			[]string{"zero byte"},
		},
		"large variable": {
			variables(map[string]string{"BIG": long(131_072)}),
			"driver.process.environment",
			[]string{`"BIG"`, "131077", "131072"},
		},
		"name of a variable": {
			variables(map[string]string{"A=B": ""}),
			"driver.process.environment[A=B]",
			[]string{"equals sign"},
		},
		"variable without name": {variables(map[string]string{"": "x"}), "driver.process.environment[]", nil},
		"zero in a variable": {
			variables(map[string]string{"A": "x\x00"}),
			"driver.process.environment[A]",
			[]string{"zero byte"},
		},
		"many arguments": {
			process(func(p *specv1.Process) { p.SetCommand(slices.Repeat([]string{"a"}, 110_000)) }),
			"driver.process.command",
			[]string{"1100000 bytes", "1048576"},
		},
		"many with variables": {
			process(func(p *specv1.Process) {
				p.SetCommand(slices.Repeat([]string{long(100_000)}, 10))
				p.SetEnvironment(map[string]string{"A": long(100_000)})
			}),
			"driver.process.command",
			[]string{"environment", "1048576"},
		},
		"long Spark argument": {
			arguments("a", long(131_072)), "driver.spark_submit.entry_point_arguments[1]", []string{"131072"},
		},
		"zero in an argument": {
			arguments("\x00"), "driver.spark_submit.entry_point_arguments[0]", []string{"zero byte"},
		},
	} {
		_, err := submission(c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "spec."+c.field, c.names...) })
	}
	_, err := serve(t).StartJobRun(t.Context(), &runRequest{ApplicationId: "a"})
	wantError(t, err, errs.Invalid, "spec.driver", "spark_submit, hive and process")
}

// Of several attempts the newest is meant unless one is named.
func TestCase09_GetJobRunOfTheNewestAttemptUnlessOneIsNamed(t *testing.T) {
	s := serve(t)
	application, node := s.create(nil), s.node("n1", "a")
	run := s.submit(application, func(r *runRequest) {
		r.GetSpec().SetRetryPolicy(specv1.RetryPolicy_builder{MaxAttempts: new(uint32(3))}.Build())
	})
	s.end(s.run(run, node), 1)
	get := func(attempt uint32) (*controlv1.GetJobRunResponse, error) {
		return s.GetJobRun(
			t.Context(),
			&controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run, Attempt: attempt},
		)
	}
	for asked, want := range map[uint32]*controlv1.Attempt{
		0: {Attempt: 2, State: "WAITING"},
		1: {Attempt: 1, State: "FAILED"},
		2: {Attempt: 2, State: "WAITING"},
	} {
		answer, err := get(asked)
		must(t, err)
		if got := answer.GetAttempt(); got.GetAttempt() != want.GetAttempt() || got.GetState() != want.GetState() ||
			answer.GetJobRun().GetAttempt() != 2 {
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
	r.GetSpec().SetTags(map[string]string{"Team": "Data"})
	r.GetSpec().SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{
		Monitoring:               everywhere(),
		ApplicationConfiguration: property("spark.executor.cores", "2"),
	}.Build())
	started, err := s.StartJobRun(t.Context(), r)
	must(t, err)
	answer, err := s.GetJobRun(
		t.Context(),
		&controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: started.GetJobRun().GetJobRunId()},
	)
	must(t, err)
	run := answer.GetJobRun()
	wantSame(t, "what was submitted", run.GetSpec(), spec.DefaultJobRun(r.GetSpec()))
	if run.GetWorkerSize().GetMilliCpu() != 2000 || run.GetInitialWorkers() != 1 ||
		run.GetSpec().GetExecutionTimeoutMinutes() != 720 {
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
	for limit, want := range map[int32]int{0: 50, 50: 50, 2: 2} {
		list, err := s.ListJobRuns(
			t.Context(),
			&controlv1.ListJobRunsRequest{ApplicationId: application, MaxResults: limit},
		)
		must(t, err)
		if got := ids(list.GetJobRuns()); !slices.Equal(got, submitted[:want]) || list.GetNextToken() == "" {
			t.Errorf("of %d: %v", limit, got)
		}
		rest, err := s.ListJobRuns(
			t.Context(),
			&controlv1.ListJobRunsRequest{ApplicationId: application, NextToken: list.GetNextToken()},
		)
		must(t, err)
		if got := ids(rest.GetJobRuns()); !slices.Equal(got, submitted[want:min(want+50, 52)]) {
			t.Errorf("behind the first %d: %v", want, got)
		}
	}
}

func TestListJobRuns_Selects(t *testing.T) {
	s := serve(t)
	node, application, spark := s.node("n1", "a"), s.create(nil), s.create(sparkApplication)
	batch := s.submit(spark, func(r *runRequest) { r.Spec = sparkRun("", "").GetSpec() })
	streaming := s.submit(spark, func(r *runRequest) { r.Spec = stream(sparkRun("", "")).GetSpec() })
	first := s.submit(application, nil)
	s.end(s.run(first, node), 0)
	second := s.submit(application, nil)
	createdAt := timestamppb.New(s.door.View().JobRun(second).Created)
	for name, c := range map[string]struct {
		request *controlv1.ListJobRunsRequest
		want    []string
	}{
		"all": {&controlv1.ListJobRunsRequest{ApplicationId: application}, []string{second, first}},
		"ended well": {
			&controlv1.ListJobRunsRequest{ApplicationId: application, States: []string{"SUCCESS", "FAILED"}},
			[]string{first},
		},
		"pending": {
			&controlv1.ListJobRunsRequest{ApplicationId: application, States: []string{"PENDING"}},
			[]string{second},
		},
		"after": {&controlv1.ListJobRunsRequest{ApplicationId: application, CreatedAfter: createdAt}, nil},
		"before": {
			&controlv1.ListJobRunsRequest{ApplicationId: application, CreatedBefore: createdAt},
			[]string{first},
		},
		"since the first": {
			&controlv1.ListJobRunsRequest{
				ApplicationId: application,
				CreatedAfter:  timestamppb.New(s.door.View().JobRun(first).Created),
			},
			[]string{second},
		},
		"streaming": {&controlv1.ListJobRunsRequest{ApplicationId: spark, Mode: "STREAMING"}, []string{streaming}},
		"batch":     {&controlv1.ListJobRunsRequest{ApplicationId: spark, Mode: "BATCH"}, []string{batch}},
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
		"states": {
			&controlv1.ListJobRunsRequest{States: []string{"QUEUED", "DONE"}},
			[]string{"DONE", "SUBMITTED, QUEUED, PENDING, SCHEDULED, RUNNING, CANCELLING, SUCCESS, FAILED, CANCELLED"},
		},
		"mode": {&controlv1.ListJobRunsRequest{Mode: "batch"}, []string{"batch", "BATCH"}},
		"created_after": {
			&controlv1.ListJobRunsRequest{CreatedAfter: now, CreatedBefore: past},
			[]string{"1970-01-01T00:00:01Z"},
		},
		"created_before": {&controlv1.ListJobRunsRequest{CreatedBefore: &timestamppb.Timestamp{Nanos: -1}}, nil},
	} {
		_, err := filterOf(c.request)
		wantError(t, err, errs.Invalid, field, c.names...)
	}
}

func stream(r *runRequest) *runRequest {
	return changedRun(r, func(r *specv1.JobRun) { r.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING) })
}

// STREAMING with a timeout, on a HIVE application, with maxAttempts, and on a release before 7.1.0 (specification of
// jobs, section 17): each is refused.
func TestCase06_StreamingRefusals(t *testing.T) {
	s := serve(t)
	spark := s.create(sparkApplication)
	old := s.create(func(a *specv1.Application) {
		sparkApplication(a)
		a.SetReleaseLabel("emr-7.0.0")
	})
	hive := hiveRun("s3://b/q.sql")
	hive.ApplicationId = s.create(func(a *specv1.Application) {
		sparkApplication(a)
		a.SetEngine(specv1.Engine_ENGINE_HIVE)
	})
	timeout := func(minutes int64) *runRequest {
		return changedRun(stream(sparkRun(spark, "")), func(r *specv1.JobRun) { r.SetExecutionTimeoutMinutes(minutes) })
	}
	policy := func(p specv1.RetryPolicy_builder) *runRequest {
		return changedRun(stream(sparkRun(spark, "")), func(r *specv1.JobRun) { r.SetRetryPolicy(p.Build()) })
	}
	for name, c := range map[string]struct {
		request *runRequest
		field   string
		names   []string
	}{
		"timeout": {timeout(60), "execution_timeout_minutes", []string{"60", "STREAMING"}},
		"Hive":    {stream(hive), "mode", []string{"Spark"}},
		"PROCESS": {stream(processRun(spark)), "mode", []string{"Spark"}},
		"max_attempts": {
			policy(specv1.RetryPolicy_builder{MaxAttempts: new(uint32(2))}),
			"retry_policy.max_attempts",
			[]string{"max_failed_attempts_per_hour"},
		},
		"11 failures": {
			policy(specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(11))}),
			"retry_policy.max_failed_attempts_per_hour",
			[]string{"11", "10"},
		},
		"release": {stream(sparkRun(old, "")), "mode", []string{"emr-7.0.0", "7.1.0"}},
	} {
		_, err := s.StartJobRun(t.Context(), c.request)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "spec."+c.field, c.names...) })
	}
	for name, r := range map[string]*runRequest{
		"without anything": stream(sparkRun(spark, "")),
		"timeout 0":        timeout(0),
	} {
		if _, err := s.StartJobRun(t.Context(), r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
