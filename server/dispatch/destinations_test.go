package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestDestinations_FollowTheTable(t *testing.T) {
	s3 := sending("s3://b/logs/")
	s3only := specv1.Monitoring_builder{
		S3:                 s3.GetS3(),
		ManagedPersistence: managed(false).GetManagedPersistence(),
	}.Build()
	toDefault := specv1.Monitoring_builder{ManagedPersistence: &specv1.ManagedPersistence{}}.Build()
	spark := sparkRun("")
	process := processRun(specv1.Process_builder{Command: []string{"x"}})
	for _, c := range []struct {
		name             string
		application, run *specv1.Monitoring
		said             specv1.JobRun_builder
		worker           state.WorkerType
		want             string
	}{
		{"default", nil, nil, spark, state.TypeDriver, "servers: logs events"},
		{"default, an executor", nil, nil, spark, state.TypeExecutor, "servers: logs"},
		{"default, a process", nil, nil, process, state.TypeDriver, "servers: logs"},
		{"managed and S3", s3, nil, spark, state.TypeDriver, "s3://b/logs/ logs events, servers: events"},
		{"managed and S3, an executor", s3, nil, spark, state.TypeExecutor, "s3://b/logs/ logs"},
		{"S3 only", s3only, nil, spark, state.TypeDriver, "s3://b/logs/ logs events"},
		{"neither", managed(false), nil, spark, state.TypeDriver, ""},
		{"the run removes S3", s3, sending(""), spark, state.TypeDriver, "servers: logs events"},
		{
			"the run turns managed logs on", s3only, managed(true), spark, state.TypeDriver,
			"s3://b/logs/ logs events, servers: events",
		},
		{
			"the run returns managed logs to the default", s3only, toDefault, spark, state.TypeExecutor,
			"s3://b/logs/ logs",
		},
		{"the run goes elsewhere", s3, sending("file:///shared"), process, state.TypeTask, "file:///shared logs"},
	} {
		c.said.ConfigurationOverrides = monitored(c.run)
		view, run := inheriting(c.application, c.said.Build())
		var got []string
		for _, to := range Destinations(view, run, &state.Worker{Type: c.worker}, OnServers) {
			words := to.GetUri()
			if to.GetWorkerLogs() {
				words += " logs"
			}
			if to.GetEventLogs() {
				words += " events"
			}
			got = append(got, words)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

func TestManagedLogs_AreOnTheServersUnlessConfigured(t *testing.T) {
	for storage, want := range map[string]string{"": "servers:", "s3://b/managed": "s3://b/managed"} {
		if got := fmt.Sprint(New(Config{LogStorage: storage}).ManagedLogs()); got != want {
			t.Errorf("%q: %s", storage, got)
		}
	}
}

// inheriting is a run that inherits where logs go.
func inheriting(monitoring *specv1.Monitoring, said *specv1.JobRun) (*state.View, *state.JobRun) {
	tx := state.New().Begin()
	tx.PutContent(state.Content{Digest: "settings", Defined: &eventv1.Content{
		Content: &eventv1.Content_Settings{Settings: &eventv1.Settings{Monitoring: monitoring}},
	}})
	return tx.Commit(), &state.JobRun{Inherited: "settings", Spec: said}
}
