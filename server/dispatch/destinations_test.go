package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
)

func TestDestinations_FollowTheTable(t *testing.T) {
	on, off := true, false
	s3 := &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://b/logs/"}}
	s3only := &state.Monitoring{S3: s3.S3, Managed: &state.ManagedPersistence{Enabled: &off}}
	spark := state.Submission{Spark: &state.SparkSubmit{EntryPoint: "file:///x.py"}}
	process := state.Submission{Process: &state.Process{Command: []string{"x"}}}
	for _, c := range []struct {
		name             string
		application, run *state.Monitoring
		program          state.Submission
		worker           state.WorkerType
		want             string
	}{
		{"default", nil, nil, spark, state.TypeDriver, "servers: logs events"},
		{"default, an executor", nil, nil, spark, state.TypeExecutor, "servers: logs"},
		{"default, a process", nil, nil, process, state.TypeDriver, "servers: logs"},
		{"managed and S3", s3, nil, spark, state.TypeDriver, "s3://b/logs/ logs events, servers: events"},
		{"managed and S3, an executor", s3, nil, spark, state.TypeExecutor, "s3://b/logs/ logs"},
		{"S3 only", s3only, nil, spark, state.TypeDriver, "s3://b/logs/ logs events"},
		{"neither", &state.Monitoring{Managed: &state.ManagedPersistence{Enabled: &off}}, nil, spark, state.TypeDriver, ""},
		{"the run removes S3", s3, &state.Monitoring{S3: &state.S3Monitoring{}}, spark, state.TypeDriver, "servers: logs events"},
		{"the run turns managed logs on", s3only, &state.Monitoring{Managed: &state.ManagedPersistence{Enabled: &on}}, spark, state.TypeDriver,
			"s3://b/logs/ logs events, servers: events"},
		{"the run returns managed logs to the default", s3only, &state.Monitoring{Managed: &state.ManagedPersistence{}}, spark, state.TypeExecutor,
			"s3://b/logs/ logs"},
		{"the run goes elsewhere", s3, &state.Monitoring{S3: &state.S3Monitoring{LogURI: "file:///shared"}}, process, state.TypeTask, "file:///shared logs"},
	} {
		c.program.Monitoring = c.run
		run := &state.JobRun{Inherited: state.Settings{Monitoring: c.application}, Submission: &c.program}
		var got []string
		for _, to := range Destinations(run, &state.Worker{Type: c.worker}, OnServers) {
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
