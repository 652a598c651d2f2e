package control

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const aKey = "arn:aws:kms:us-east-1:000000000000:key/1234-abcd"

// everywhere sends logs and metrics to all that there is.
func everywhere() *controlv1.Monitoring {
	return &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://logs/a", EncryptionKeyArn: aKey},
		ManagedPersistence: &controlv1.ManagedPersistence{Enabled: pointer(false)},
		LogService: &controlv1.LogService{Enabled: true, LogGroupName: "/emr/group", LogStreamNamePrefix: "night",
			LogTypes: []*controlv1.LogTypes{{WorkerType: "SPARK_DRIVER", Logs: []string{"STDOUT", "STDERR"}}}},
		Prometheus: &controlv1.PrometheusMonitoring{RemoteWriteUrl: "https://metrics.example:9090/api/v1/write"}}
}

func logService(change func(*controlv1.LogService)) *controlv1.Monitoring {
	m := everywhere()
	change(m.GetLogService())
	return m
}

func TestMonitoring_NamesWhatIsWrong(t *testing.T) {
	types := func(ts ...*controlv1.LogTypes) *controlv1.Monitoring {
		return logService(func(s *controlv1.LogService) { s.LogTypes = ts })
	}
	driver := &controlv1.LogTypes{WorkerType: "SPARK_DRIVER", Logs: []string{"STDOUT"}}
	for name, c := range map[string]struct {
		m     *controlv1.Monitoring
		field string
		names []string
	}{
		"https":           {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "https://b/p"}}, "s3.log_uri", []string{"https://b/p", "s3://"}},
		"no bucket":       {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3:///p"}}, "s3.log_uri", nil},
		"file of a host":  {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "file://h/p"}}, "s3.log_uri", nil},
		"long":            {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://b/" + strings.Repeat("p", 10280)}}, "s3.log_uri", []string{"10280"}},
		"key alone":       {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{EncryptionKeyArn: aKey}}, "s3.log_uri", []string{"key"}},
		"key":             {&controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://b", EncryptionKeyArn: "key"}}, "s3.encryption_key_arn", []string{"arn:aws:kms"}},
		"managed key":     {&controlv1.Monitoring{ManagedPersistence: &controlv1.ManagedPersistence{EncryptionKeyArn: "arn:aws:iam::1:role/x"}}, "managed_persistence.encryption_key_arn", nil},
		"group":           {logService(func(s *controlv1.LogService) { s.LogGroupName = "a b" }), "log_service.log_group_name", []string{"a b", "512"}},
		"long group":      {logService(func(s *controlv1.LogService) { s.LogGroupName = strings.Repeat("g", 513) }), "log_service.log_group_name", nil},
		"prefix":          {logService(func(s *controlv1.LogService) { s.LogStreamNamePrefix = "a:b" }), "log_service.log_stream_name_prefix", []string{"a:b"}},
		"log key":         {logService(func(s *controlv1.LogService) { s.EncryptionKeyArn = "x" }), "log_service.encryption_key_arn", nil},
		"worker type":     {types(&controlv1.LogTypes{WorkerType: "TASK", Logs: []string{"STDOUT"}}), "log_service.log_types[0].worker_type", []string{"TASK", "SPARK_DRIVER"}},
		"the same twice":  {types(driver, driver), "log_service.log_types[1].worker_type", []string{"twice"}},
		"five types":      {types(driver, driver, driver, driver, driver), "log_service.log_types", []string{"5", "4"}},
		"no logs":         {types(&controlv1.LogTypes{WorkerType: "TEZ_TASK"}), "log_service.log_types[0].logs", []string{"0"}},
		"unknown log":     {types(&controlv1.LogTypes{WorkerType: "TEZ_TASK", Logs: []string{"STDIN"}}), "log_service.log_types[0].logs", []string{"STDIN", "STDERR"}},
		"metrics to what": {&controlv1.Monitoring{Prometheus: &controlv1.PrometheusMonitoring{RemoteWriteUrl: "s3://b"}}, "prometheus.remote_write_url", []string{"s3://b", "https"}},
	} {
		_, err := monitoringOf(c.m)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "monitoring."+c.field, c.names...) })
	}
}

func TestMonitoring_WithoutAnyPartSaysNothing(t *testing.T) {
	for _, m := range []*controlv1.Monitoring{nil, {}} {
		if got, err := monitoringOf(m); got != nil || err != nil {
			t.Errorf("%v gives %v, %v", m, got, err)
		}
	}
	removes := &controlv1.Monitoring{S3: &controlv1.S3Monitoring{}, ManagedPersistence: &controlv1.ManagedPersistence{}}
	got, err := monitoringOf(removes)
	must(t, err)
	wantSame(t, "empty parts", monitoring(got), removes)
}
