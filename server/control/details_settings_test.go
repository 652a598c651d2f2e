package control

import (
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// What a run says of a classification or of a type of monitoring replaces what its application said; both stay visible.
func TestJobRunDetails_ShowsTheSettingsThatHoldInTheEnd(t *testing.T) {
	s := serve(t)
	hive := specv1.Configuration_builder{
		Classification: new("hive-site"),
		Properties:     map[string]string{"a": "application"},
	}
	nothing := specv1.Configuration_builder{Classification: new("hive-site")}
	s3 := func(uri string) *specv1.S3Monitoring { return specv1.S3Monitoring_builder{LogUri: new(uri)}.Build() }
	off := specv1.ManagedPersistence_builder{Enabled: new(false)}.Build()
	application := s.create(func(a *specv1.Application) {
		sparkApplication(a)
		a.SetRuntimeConfiguration(append(property("spark.executor.cores", "2"), hive.Build()))
		a.SetMonitoring(specv1.Monitoring_builder{S3: s3("s3://b/application"), ManagedPersistence: off}.Build())
	})
	own := specv1.ConfigurationOverrides_builder{
		ApplicationConfiguration: append(property("spark.executor.cores", "4"), nothing.Build()),
		Monitoring:               specv1.Monitoring_builder{S3: s3("s3://b/run")}.Build(),
	}.Build()
	r := sparkRun(application, "")
	r.GetSpec().SetConfigurationOverrides(own)
	started, err := s.StartJobRun(t.Context(), r)
	must(t, err)
	m := started.GetJobRun()
	shown := &controlv1.JobRun{
		EffectiveConfiguration: m.GetEffectiveConfiguration(),
		EffectiveMonitoring:    m.GetEffectiveMonitoring(),
	}
	wantSame(t, "settings", shown, &controlv1.JobRun{
		EffectiveConfiguration: property("spark.executor.cores", "4"),
		EffectiveMonitoring:    specv1.Monitoring_builder{S3: s3("s3://b/run"), ManagedPersistence: off}.Build(),
	})
	wantSame(t, "its own settings", m.GetSpec().GetConfigurationOverrides(), own)
}
