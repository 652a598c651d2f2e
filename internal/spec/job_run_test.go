package spec

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestValidateJobRun_NamesWhatIsWrong(t *testing.T) {
	type jobRun = specv1.JobRun
	long := func(n int) string { return strings.Repeat("x", n) }
	spark := func(change func(*specv1.SparkSubmit)) *jobRun {
		return sparkRun(func(r *jobRun) { change(r.GetDriver().GetSparkSubmit()) })
	}
	attempts := func(n uint32) func(*jobRun) {
		return func(r *jobRun) { r.SetRetryPolicy(specv1.RetryPolicy_builder{MaxAttempts: new(n)}.Build()) }
	}
	failures := func(n uint32) func(*jobRun) {
		return func(r *jobRun) {
			r.SetRetryPolicy(specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(n)}.Build())
		}
	}
	streaming := func(r *jobRun, change func(*jobRun)) *jobRun {
		r.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		if change != nil {
			change(r)
		}
		return r
	}
	timeout := func(minutes int64) func(*jobRun) {
		return func(r *jobRun) { r.SetExecutionTimeoutMinutes(minutes) }
	}
	overrides := func(change func(*specv1.ConfigurationOverrides)) *jobRun {
		return sparkRun(func(r *jobRun) {
			r.SetConfigurationOverrides(&specv1.ConfigurationOverrides{})
			change(r.GetConfigurationOverrides())
		})
	}
	policy := func(p *specv1.ExecutionPolicy) *jobRun {
		return sparkRun(func(r *jobRun) { r.SetExecutionPolicy(p) })
	}
	driverSize := func(m specv1.ProcessSize_builder) *jobRun {
		return processRun(func(p *specv1.Process) { p.SetDriverSize(m.Build()) })
	}
	taskSize := func(m specv1.ProcessSize_builder) *jobRun {
		return processRun(func(p *specv1.Process) { p.SetTaskSize(m.Build()) })
	}
	variables := func(all map[string]string) *jobRun {
		return processRun(func(p *specv1.Process) { p.SetEnvironment(all) })
	}
	for name, c := range map[string]struct {
		run   *jobRun
		field string
		names []string
	}{
		"nothing": {&jobRun{}, "driver", []string{"spark_submit, hive and process"}},
		"no driver": {
			specv1.JobRun_builder{Driver: &specv1.JobDriver{}}.Build(),
			"driver",
			[]string{"spark_submit, hive and process"},
		},
		"long name":  {sparkRun(func(r *jobRun) { r.SetName(long(257)) }), "name", []string{"257", "256"}},
		"blank name": {sparkRun(func(r *jobRun) { r.SetName("  ") }), "name", []string{"space", "256"}},
		"empty name": {sparkRun(func(r *jobRun) { r.SetName("") }), "name", []string{"empty", "256"}},
		"long role": {
			sparkRun(func(r *jobRun) { r.SetExecutionRole(long(2049)) }),
			"execution_role",
			[]string{"2048"},
		},
		"mode": {sparkRun(func(r *jobRun) { r.SetMode(9) }), "mode", []string{"9", "BATCH, STREAMING"}},
		"on disconnect": {
			sparkRun(func(r *jobRun) { r.SetOnDisconnect(9) }),
			"on_disconnect",
			[]string{"9", "FENCE, KEEP"},
		},
		"11 attempts":         {sparkRun(attempts(11)), "retry_policy.max_attempts", []string{"11", "10"}},
		"no attempt":          {sparkRun(attempts(0)), "retry_policy.max_attempts", []string{"0 is", "10"}},
		"failures of a batch": {sparkRun(failures(5)), "retry_policy.max_failed_attempts_per_hour", []string{"STREAMING"}},
		"timeout below 0":     {sparkRun(timeout(-1)), "execution_timeout_minutes", []string{"-1"}},
		"timeout beyond":      {sparkRun(timeout(1_000_001)), "execution_timeout_minutes", []string{"1000001", "1000000"}},
		"timeout of a stream": {
			streaming(sparkRun(nil), timeout(60)),
			"execution_timeout_minutes",
			[]string{"60", "STREAMING"},
		},
		"stream of Hive":    {streaming(hiveRun("q", nil), nil), "mode", []string{"Spark"}},
		"stream of PROCESS": {streaming(processRun(nil), nil), "mode", []string{"Spark"}},
		"attempts of a stream": {
			streaming(sparkRun(nil), attempts(2)),
			"retry_policy.max_attempts",
			[]string{"max_failed_attempts_per_hour"},
		},
		"11 failures": {
			streaming(sparkRun(nil), failures(11)),
			"retry_policy.max_failed_attempts_per_hour",
			[]string{"11", "10"},
		},
		"no entry point": {
			spark(func(s *specv1.SparkSubmit) { s.ClearEntryPoint() }),
			"driver.spark_submit.entry_point",
			[]string{"1 to 4096"},
		},
		"empty entry point": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPoint("") }),
			"driver.spark_submit.entry_point",
			[]string{"1 to 4096"},
		},
		"blank entry point": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPoint(" ") }),
			"driver.spark_submit.entry_point",
			[]string{"1 to 4096"},
		},
		"long entry point": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPoint(long(4097)) }),
			"driver.spark_submit.entry_point",
			[]string{"4097"},
		},
		"1025 arguments": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPointArguments(slices.Repeat([]string{"a"}, 1025)) }),
			"driver.spark_submit.entry_point_arguments",
			[]string{"1025 arguments", "1024"},
		},
		"long parameters": {
			spark(func(s *specv1.SparkSubmit) { s.SetSparkSubmitParameters(long(102_401)) }),
			"driver.spark_submit.spark_submit_parameters",
			[]string{"102401", "102400"},
		},
		"no query":   {hiveRun("", nil), "driver.hive.query", []string{"10280"}},
		"long query": {hiveRun(long(10_281), nil), "driver.hive.query", []string{"10281"}},
		"long init": {
			hiveRun("q", func(h *specv1.Hive) { h.SetInitQueryFile(long(257)) }),
			"driver.hive.init_query_file",
			[]string{"257"},
		},
		"long Hive parameters": {
			hiveRun("q", func(h *specv1.Hive) { h.SetParameters(long(102_401)) }),
			"driver.hive.parameters",
			[]string{"102401"},
		},
		"no command": {
			processRun(func(p *specv1.Process) { p.SetCommand(nil) }),
			"driver.process.command",
			[]string{"program"},
		},
		"empty command": {
			processRun(func(p *specv1.Process) { p.SetCommand([]string{""}) }),
			"driver.process.command",
			[]string{"program"},
		},
		"1001 tasks": {
			processRun(func(p *specv1.Process) { p.SetTasks(1001) }),
			"driver.process.tasks",
			[]string{"1001", "0 and 1000"},
		},
		"101 retries of a task": {
			processRun(func(p *specv1.Process) { p.SetTaskRetries(101) }),
			"driver.process.task_retries",
			[]string{"101", "100"},
		},
		"size below 0": {
			driverSize(specv1.ProcessSize_builder{MilliCpu: new(int64(-5))}),
			"driver.process.driver_size.milli_cpu",
			[]string{"-0.005 vCPU"},
		},
		"size beyond": {
			taskSize(specv1.ProcessSize_builder{DiskMib: new(int64(1 << 60))}),
			"driver.process.task_size.disk_mib",
			[]string{"1 MB and 1048576 GB"},
		},
		"too little CPU": {
			taskSize(specv1.ProcessSize_builder{MilliCpu: new(int64(99))}),
			"driver.process.task_size.milli_cpu",
			[]string{"0.099 vCPU", "0.1 vCPU and 1048.576 vCPU"},
		},
		"too little memory": {
			driverSize(specv1.ProcessSize_builder{MemoryMib: new(int64(31))}),
			"driver.process.driver_size.memory_mib",
			[]string{"31 MB", "32 MB"},
		},
		"too much memory": {
			driverSize(specv1.ProcessSize_builder{MemoryMib: new(int64(1<<24 + 1))}),
			"driver.process.driver_size.memory_mib",
			[]string{"16384 GB"},
		},
		"name of a variable": {
			variables(map[string]string{"A=B": ""}),
			"driver.process.environment[A=B]",
			[]string{"equals sign"},
		},
		"variable without name": {variables(map[string]string{"": "x"}), "driver.process.environment[]", []string{"no name"}},
		"zero in a variable": {
			variables(map[string]string{"A": "x\x00"}),
			"driver.process.environment[A]",
			[]string{"zero byte"},
		},
		"zero in task command": {
			processRun(func(p *specv1.Process) { p.SetTaskCommand([]string{"a", "b\x00"}) }),
			"driver.process.task_command[1]",
			[]string{"zero byte"},
		},
		"zero in an argument": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPointArguments([]string{"\x00"}) }),
			"driver.spark_submit.entry_point_arguments[0]",
			[]string{"zero byte"},
		},
		"zero in entry point": {
			spark(func(s *specv1.SparkSubmit) { s.SetEntryPoint("a\x00.py") }),
			"driver.spark_submit.entry_point",
			[]string{"zero byte"},
		},
		"zero in parameters": {
			spark(func(s *specv1.SparkSubmit) { s.SetSparkSubmitParameters("--conf a=b\x00") }),
			"driver.spark_submit.spark_submit_parameters",
			[]string{"zero byte"},
		},
		"zero in Hive's": {
			hiveRun("q", func(h *specv1.Hive) { h.SetParameters("--hiveconf a=b\x00") }),
			"driver.hive.parameters",
			[]string{"zero byte"},
		},
		"zero in a name": {sparkRun(func(r *jobRun) { r.SetName("a\x00b") }), "name", []string{"zero byte"}},
		"zero in a property": {
			sparkRun(func(r *jobRun) { r.SetConfigurationOverrides(settings(property("a", "\x00"))) }),
			"configuration_overrides.application_configuration[0].properties[a]",
			[]string{"zero byte", `"a"`},
		},
		"zero in a tag": {
			sparkRun(func(r *jobRun) { r.SetTags(map[string]string{"a": "\x00"}) }),
			"tags[a]",
			[]string{"zero byte"},
		},
		"broken text": {sparkRun(func(r *jobRun) { r.SetName("a\xff") }), "name", []string{"UTF-8"}},
		"broken key": {
			variables(map[string]string{"a\xff": ""}),
			"driver.process.environment[a\ufffd]",
			[]string{"UTF-8"},
		},
		"configuration": {
			overrides(func(o *specv1.ConfigurationOverrides) { o.SetApplicationConfiguration(configured(101)) }),
			"configuration_overrides.application_configuration",
			[]string{"101"},
		},
		"nested once again": {
			overrides(func(o *specv1.ConfigurationOverrides) { o.SetApplicationConfiguration(nested(11)) }),
			"configuration_overrides.application_configuration",
			[]string{"10"},
		},
		"monitoring": {overrides(func(o *specv1.ConfigurationOverrides) {
			o.SetMonitoring(specv1.Monitoring_builder{S3: specv1.S3Monitoring_builder{LogUri: new("ftp://x")}.Build()}.Build())
		}), "configuration_overrides.monitoring.s3.log_uri", []string{"ftp://x"}},
		"disks": {overrides(func(o *specv1.ConfigurationOverrides) {
			o.SetDiskEncryption(specv1.DiskEncryption_builder{KeyArn: new("x")}.Build())
		}), "configuration_overrides.disk_encryption.key_arn", []string{`"x"`}},
		"tags": {sparkRun(func(r *jobRun) { r.SetTags(map[string]string{"": "x"}) }), "tags", []string{"128"}},
		"policy": {
			policy(specv1.ExecutionPolicy_builder{Policy: new("a€")}.Build()),
			"execution_policy.policy",
			[]string{"'€'", "U+00FF"},
		},
		"control": {
			policy(specv1.ExecutionPolicy_builder{Policy: new("{\x01}")}.Build()),
			"execution_policy.policy",
			[]string{`'\x01'`},
		},
		"long policy": {
			policy(specv1.ExecutionPolicy_builder{Policy: new(long(2049))}.Build()),
			"execution_policy.policy",
			[]string{"2049", "2048"},
		},
		"11 policies": {
			policy(specv1.ExecutionPolicy_builder{PolicyArns: make([]string, 11)}.Build()),
			"execution_policy.policy_arns",
			[]string{"11 policies", "10"},
		},
		"no ARN": {
			policy(specv1.ExecutionPolicy_builder{PolicyArns: []string{"short"}}.Build()),
			"execution_policy.policy_arns[0]",
			[]string{`"short"`, "20 to 2048"},
		},
		"many policy ARNs": {
			policy(specv1.ExecutionPolicy_builder{PolicyArns: []string{long(20), long(2049)}}.Build()),
			"execution_policy.policy_arns[1]",
			[]string{"2049"},
		},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, checkedRun(c.run), "spec."+c.field, c.names...) })
	}
}

func TestDefaultJobRun_WritesOutWhatWasNotSaid(t *testing.T) {
	batch := specv1.JobRunMode_JOB_RUN_MODE_BATCH
	stream := specv1.JobRunMode_JOB_RUN_MODE_STREAMING
	type retry = specv1.RetryPolicy_builder
	full := func(mode specv1.JobRunMode, timeout int64, policy retry, driver *specv1.JobDriver) *specv1.JobRun {
		return specv1.JobRun_builder{
			ExecutionRole:           new("default"),
			Mode:                    mode.Enum(),
			ExecutionTimeoutMinutes: new(timeout),
			RetryPolicy:             policy.Build(),
			OnDisconnect:            specv1.OnDisconnect_ON_DISCONNECT_FENCE.Enum(),
			Driver:                  driver,
		}.Build()
	}
	size := specv1.ProcessSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(2048)),
		DiskMib:   new(int64(20480)),
	}.Build()
	larger := specv1.ProcessSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(4096)),
		DiskMib:   new(int64(20480)),
	}.Build()
	process := specv1.JobDriver_builder{
		Process: specv1.Process_builder{Command: []string{"a"}, DriverSize: size, TaskSize: larger}.Build(),
	}.Build()
	for name, c := range map[string]struct{ said, want *specv1.JobRun }{
		"batch": {
			sparkRun(nil),
			full(batch, 720, retry{MaxAttempts: new(uint32(1))}, sparkRun(nil).GetDriver()),
		},
		"stream": {
			sparkRun(func(r *specv1.JobRun) { r.SetMode(stream) }),
			full(stream, 0, retry{MaxFailedAttemptsPerHour: new(uint32(5))}, sparkRun(nil).GetDriver()),
		},
		"never": {
			sparkRun(func(r *specv1.JobRun) { r.SetExecutionTimeoutMinutes(0) }),
			full(batch, 0, retry{MaxAttempts: new(uint32(1))}, sparkRun(nil).GetDriver()),
		},
		"sizes": {processRun(func(p *specv1.Process) {
			p.SetTaskSize(specv1.ProcessSize_builder{MemoryMib: new(int64(4096))}.Build())
		}), full(batch, 720, retry{MaxAttempts: new(uint32(1))}, process)},
	} {
		before := proto.CloneOf(c.said)
		got := DefaultJobRun(c.said)
		wantSame(t, name, got, c.want)
		wantSame(t, name+", as it was said", c.said, before)
		wantSame(t, name+", again", DefaultJobRun(got), got)
		must(t, ValidateJobRun(got))
	}
	if DefaultJobRun(nil).GetExecutionRole() != "default" {
		t.Error("nothing has no defaults")
	}
}

// An empty part of monitoring removes what was inherited, so it stays; what is empty elsewhere goes.
func TestDefaultJobRun_KeepsWhatRemoves(t *testing.T) {
	removes := specv1.Monitoring_builder{
		S3:                 &specv1.S3Monitoring{},
		ManagedPersistence: &specv1.ManagedPersistence{},
		Prometheus:         &specv1.PrometheusMonitoring{},
	}.Build()
	got := DefaultJobRun(sparkRun(func(r *specv1.JobRun) {
		said := proto.CloneOf(removes)
		said.SetLogService(&specv1.LogService{})
		r.SetConfigurationOverrides(
			specv1.ConfigurationOverrides_builder{Monitoring: said, DiskEncryption: &specv1.DiskEncryption{}}.Build(),
		)
		r.SetExecutionPolicy(&specv1.ExecutionPolicy{})
	}))
	wantSame(
		t,
		"monitoring",
		got.GetConfigurationOverrides(),
		specv1.ConfigurationOverrides_builder{Monitoring: removes}.Build(),
	)
	must(t, ValidateJobRun(got))
	if got.HasExecutionPolicy() {
		t.Errorf("the policy says nothing: %v", got)
	}
	got = DefaultJobRun(sparkRun(func(r *specv1.JobRun) {
		r.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{Monitoring: &specv1.Monitoring{}}.Build())
	}))
	wantSame(t, "nothing", got, DefaultJobRun(sparkRun(nil)))
}

func TestValidateJobRun_TakesWhatIsRight(t *testing.T) {
	for name, r := range map[string]*specv1.JobRun{
		"policy": sparkRun(func(r *specv1.JobRun) {
			r.SetExecutionPolicy(specv1.ExecutionPolicy_builder{
				Policy:     new("{\n\t\"é\"}"),
				PolicyArns: []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
			}.Build())
		}),
		"arguments are a program's own": sparkRun(func(r *specv1.JobRun) {
			r.GetDriver().GetSparkSubmit().SetEntryPointArguments([]string{"", "two\nlines", "\x1b[31m"})
		}),
		"values of variables too": processRun(func(p *specv1.Process) {
			p.SetEnvironment(map[string]string{"A": "two\nlines\x1b"})
		}),
		"properties": sparkRun(func(r *specv1.JobRun) {
			r.SetConfigurationOverrides(settings(property("k", "")))
		}),
		"a query of two lines": hiveRun("select 1\n;", nil),
		"stream, timeout 0": sparkRun(func(r *specv1.JobRun) {
			r.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
			r.SetExecutionTimeoutMinutes(0)
		}),
	} {
		if err := checkedRun(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
