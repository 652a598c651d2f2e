package spec

import (
	"maps"
	"slices"
	"strings"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestMonitoring_NamesWhatIsWrong(t *testing.T) {
	s3 := func(m specv1.S3Monitoring_builder) *specv1.Monitoring {
		return specv1.Monitoring_builder{S3: m.Build()}.Build()
	}
	logService := func(change func(*specv1.LogService)) *specv1.Monitoring {
		m := everywhere()
		change(m.GetLogService())
		return m
	}
	types := func(all map[string]*specv1.LogTypes) *specv1.Monitoring {
		return logService(func(s *specv1.LogService) { s.SetLogTypes(all) })
	}
	for name, c := range map[string]struct {
		m     *specv1.Monitoring
		field string
		names []string
	}{
		"https": {
			s3(specv1.S3Monitoring_builder{LogUri: new("https://b/p")}),
			"s3.log_uri",
			[]string{"https://b/p", "s3://"},
		},
		"no bucket":      {s3(specv1.S3Monitoring_builder{LogUri: new("s3:///p")}), "s3.log_uri", nil},
		"file of a host": {s3(specv1.S3Monitoring_builder{LogUri: new("file://h/p")}), "s3.log_uri", nil},
		"long": {
			s3(specv1.S3Monitoring_builder{LogUri: new("s3://b/" + strings.Repeat("p", 10280))}),
			"s3.log_uri",
			[]string{"10287", "10280"},
		},
		"key alone": {s3(specv1.S3Monitoring_builder{EncryptionKeyArn: new(theKey)}), "s3.log_uri", []string{"key"}},
		"key": {
			s3(specv1.S3Monitoring_builder{LogUri: new("s3://b"), EncryptionKeyArn: new("key")}),
			"s3.encryption_key_arn",
			[]string{"arn:aws:kms"},
		},
		"managed key": {
			specv1.Monitoring_builder{
				ManagedPersistence: specv1.ManagedPersistence_builder{EncryptionKeyArn: new("arn:aws:iam::1:role/x")}.Build(),
			}.Build(),
			"managed_persistence.encryption_key_arn",
			[]string{"arn:aws:kms"},
		},
		"neither on nor off": {
			logService(func(s *specv1.LogService) { s.ClearEnabled() }),
			"log_service.enabled",
			[]string{"true or false"},
		},
		"group": {
			logService(func(s *specv1.LogService) { s.SetLogGroupName("a b") }),
			"log_service.log_group_name",
			[]string{"a b", "512"},
		},
		"long group": {
			logService(func(s *specv1.LogService) { s.SetLogGroupName(strings.Repeat("g", 513)) }),
			"log_service.log_group_name",
			[]string{"513", "512"},
		},
		"prefix": {
			logService(func(s *specv1.LogService) { s.SetLogStreamNamePrefix("a:b") }),
			"log_service.log_stream_name_prefix",
			[]string{"a:b"},
		},
		"log key": {
			logService(func(s *specv1.LogService) { s.SetEncryptionKeyArn("x") }),
			"log_service.encryption_key_arn",
			[]string{"arn:aws:kms"},
		},
		"worker type": {
			types(map[string]*specv1.LogTypes{"TASK": logs("STDOUT")}),
			"log_service.log_types[TASK]",
			[]string{"TASK", "SPARK_DRIVER"},
		},
		"the same twice": {
			types(map[string]*specv1.LogTypes{"SPARK_DRIVER": logs("STDOUT"), "spark_driver": logs("STDERR")}),
			"log_service.log_types[spark_driver]",
			[]string{"twice"},
		},
		"five types": {
			types(map[string]*specv1.LogTypes{"a": logs("x"), "b": logs("x"), "c": logs("x"), "d": logs("x"), "e": logs("x")}),
			"log_service.log_types",
			[]string{"5", "4"},
		},
		"no logs": {
			types(map[string]*specv1.LogTypes{"TEZ_TASK": logs()}),
			"log_service.log_types[TEZ_TASK].logs",
			[]string{"0", "1 and 5"},
		},
		"unknown log": {
			types(map[string]*specv1.LogTypes{"TEZ_TASK": logs("STDOUT", "STDIN")}),
			"log_service.log_types[TEZ_TASK].logs[1]",
			[]string{"STDIN", "STDERR"},
		},
		"metrics to what": {
			specv1.Monitoring_builder{
				Prometheus: specv1.PrometheusMonitoring_builder{RemoteWriteUrl: new("s3://b")}.Build(),
			}.Build(),
			"prometheus.remote_write_url",
			[]string{"s3://b", "https"},
		},
	} {
		a := sparkApplication(func(a *specv1.Application) { a.SetMonitoring(c.m) })
		r := sparkRun(func(r *specv1.JobRun) {
			r.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{Monitoring: c.m}.Build())
		})
		t.Run(name, func(t *testing.T) {
			wantError(t, checked(a), "spec.monitoring."+c.field, c.names...)
			wantError(t, checkedRun(r), "spec.configuration_overrides.monitoring."+c.field, c.names...)
		})
	}
}

// The words of log types are told in upper case, however they were written.
func TestLogTypes_AreBroughtIntoOneWriting(t *testing.T) {
	m := everywhere()
	m.GetLogService().
		SetLogTypes(map[string]*specv1.LogTypes{"spark_driver": logs("stdout", " StdErr"), "Spark_Executor ": logs("STDOUT")})
	a := DefaultApplication(sparkApplication(func(a *specv1.Application) { a.SetMonitoring(m) }))
	must(t, ValidateApplication(a))
	types := a.GetMonitoring().GetLogService().GetLogTypes()
	if keys := slices.Sorted(maps.Keys(types)); !slices.Equal(keys, []string{"SPARK_DRIVER", "SPARK_EXECUTOR"}) ||
		!slices.Equal(types["SPARK_DRIVER"].GetLogs(), []string{"STDOUT", "STDERR"}) {
		t.Errorf("%v", types)
	}
	if said := m.GetLogService().GetLogTypes()["spark_driver"].GetLogs(); said[0] != "stdout" {
		t.Errorf("what was said became %v", said)
	}
}
