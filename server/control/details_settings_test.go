package control

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// What a run says of a classification or of a type of monitoring replaces what its application said; both stay visible.
func TestJobRunDetails_ShowsTheSettingsThatHoldInTheEnd(t *testing.T) {
	settings := func(classification, value string) state.Configuration {
		return state.Configuration{Classification: classification, Properties: map[string]string{"a": value}}
	}
	tx := state.New().Begin()
	tx.PutApplication(state.Application{ID: "a"})
	tx.PutJobRun(state.JobRun{ID: "r", Application: "a", State: state.RunSubmitted, Attempt: 1,
		Inherited: state.Settings{Configuration: []state.Configuration{settings("spark-defaults", "application"), settings("hive-site", "application")},
			Monitoring: &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://b/application"}, LogService: &state.LogService{Enabled: true}}},
		Submission: &state.Submission{Spark: &state.SparkSubmit{EntryPoint: "job.py"},
			Configuration: []state.Configuration{settings("spark-defaults", "run"), {Classification: "hive-site"}},
			Monitoring:    &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://b/run"}}}})
	view := tx.Commit()
	m := jobRunDetails(view, view.JobRun("r"), time.Time{})
	wantSame(t, "settings", &controlv1.JobRun{EffectiveConfiguration: m.GetEffectiveConfiguration(), EffectiveMonitoring: m.GetEffectiveMonitoring(), Monitoring: m.GetMonitoring()},
		&controlv1.JobRun{
			EffectiveConfiguration: []*controlv1.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"a": "run"}}},
			EffectiveMonitoring:    &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://b/run"}, LogService: &controlv1.LogService{Enabled: true}},
			Monitoring:             &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://b/run"}},
		})
}
