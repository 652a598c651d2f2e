package configuration

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func class(name string, properties ...string) *specv1.Configuration {
	all := map[string]string{}
	for i := 0; i < len(properties); i += 2 {
		all[properties[i]] = properties[i+1]
	}
	return specv1.Configuration_builder{Classification: &name, Properties: all}.Build()
}

// run is a run with settings of its own.
func run(monitoring *specv1.Monitoring, configuration ...*specv1.Configuration) *specv1.JobRun {
	return specv1.JobRun_builder{
		ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
			ApplicationConfiguration: configuration,
			Monitoring:               monitoring,
		}.Build(),
	}.Build()
}

func managed(enabled bool) *specv1.ManagedPersistence {
	return specv1.ManagedPersistence_builder{Enabled: &enabled}.Build()
}

func logService(enabled bool) *specv1.LogService {
	return specv1.LogService_builder{Enabled: &enabled}.Build()
}

// The worked example of section 6 of the specification of applications.
func TestWorkedExample_ConfigurationOverrides(t *testing.T) {
	application := &eventv1.Settings{
		Configuration: []*specv1.Configuration{
			class(SparkDefaults, "spark.driver.cores", "2", "spark.executor.cores", "1",
				"spark.driver.memory", "4G", "spark.executor.memory", "4G"),
			class(SparkDriverLog4j2, "rootLogger.level", "error",
				"logger.IdentifierForClass.name", "classpath", "logger.IdentifierForClass.level", "info"),
		},
		Monitoring: specv1.Monitoring_builder{
			S3: specv1.S3Monitoring_builder{
				LogUri: new("s3://amzn-s3-demo-logging-bucket/logs/app-level"),
			}.Build(),
			ManagedPersistence: managed(false),
		}.Build(),
	}
	own := specv1.Monitoring_builder{
		S3:                 &specv1.S3Monitoring{},
		ManagedPersistence: managed(true),
		LogService:         logService(true),
	}.Build()
	got := Effective(application, run(own,
		class(SparkDefaults, "spark.driver.memory", "8G", "spark.executor.memory", "8G"),
		class(SparkExecutorLog4j2, "logger.IdentifierForClass.level", "debug"),
		class(SparkDriverLog4j2),
	))
	want := &eventv1.Settings{
		Configuration: []*specv1.Configuration{
			class(SparkDefaults, "spark.driver.memory", "8G", "spark.executor.memory", "8G"),
			class(SparkExecutorLog4j2, "logger.IdentifierForClass.level", "debug"),
		},
		Monitoring: specv1.Monitoring_builder{ManagedPersistence: managed(true), LogService: logService(true)}.Build(),
	}
	if !proto.Equal(got, want) {
		t.Errorf("in the end holds\n%v\nnot\n%v", got, want)
	}
}

func TestEffective_RemovesAndReturnsToDefaults(t *testing.T) {
	inherited := &eventv1.Settings{
		Configuration: []*specv1.Configuration{class(HiveSite, "a", "b")},
		Monitoring: specv1.Monitoring_builder{
			ManagedPersistence: managed(false),
			LogService:         logService(true),
			Prometheus:         specv1.PrometheusMonitoring_builder{RemoteWriteUrl: new("u")}.Build(),
		}.Build(),
	}
	nothing := specv1.Monitoring_builder{
		ManagedPersistence: &specv1.ManagedPersistence{},
		LogService:         logService(false),
		Prometheus:         &specv1.PrometheusMonitoring{},
	}.Build()
	before := proto.CloneOf(inherited)
	if got := Effective(inherited, run(nothing, class(HiveSite))); !proto.Equal(got, &eventv1.Settings{}) {
		t.Errorf("something is left: %v", got)
	}
	if got := Effective(inherited, &specv1.JobRun{}); !proto.Equal(got, inherited) {
		t.Errorf("what nobody speaks of changes: %v", got)
	}
	own := Effective(nil, run(nil, class(HiveSite, "c", "d")))
	if !proto.Equal(own, &eventv1.Settings{Configuration: []*specv1.Configuration{class(HiveSite, "c", "d")}}) {
		t.Errorf("over nothing holds %v", own)
	}
	if !proto.Equal(inherited, before) {
		t.Errorf("what is inherited has changed to %v", inherited)
	}
}

func TestCheck_NamesTheFieldAndWhatIsAllowed(t *testing.T) {
	nested := specv1.Configuration_builder{
		Classification: new(SparkDefaults),
		Configurations: []*specv1.Configuration{class("x")},
	}.Build()
	for _, c := range []struct {
		engine         state.Engine
		release        string
		classification *specv1.Configuration
		said           string // empty: allowed
	}{
		{state.EngineSpark, "emr-6.8.0", class(SparkDriverLog4j2), ""},
		{state.EngineSpark, "emr-6.7.0", class(SparkExecutorLog4j2), "needs emr-6.8.0"},
		{state.EngineSpark, "ours", class(SparkExecutorLog4j2), ""},
		{state.EngineSpark, "emr-7.2.0", class("spark-default"), "spark-defaults"},
		{state.EngineSpark, "emr-7.2.0", class(TezSite), "no classification"},
		{state.EngineHive, "emr-7.2.0", class(TezSite), ""},
		{state.EngineHive, "emr-7.2.0", class(SparkDefaults), "hive-site"},
		{state.EngineProcess, "process", class(SparkDefaults), "PROCESS"},
		{state.EngineSpark, "emr-7.2.0", nested, "no classification \"x\""},
	} {
		name := c.classification.GetClassification()
		err := Check(c.engine, c.release, "spec.runtime_configuration", []*specv1.Configuration{c.classification})
		if (c.said == "") != (err == nil) ||
			err != nil && (!strings.Contains(err.Error(), c.said) || !errs.Is(err, errs.Invalid)) {
			t.Errorf("%s of %s on %s gives %v, not %q", name, c.engine, c.release, err, c.said)
		}
	}
}

// An error of a classification names the level that decided on it.
func TestField_IsThatOfTheLevelThatDecides(t *testing.T) {
	own := run(nil, class(SparkDefaults))
	for classification, want := range map[string]string{
		SparkDefaults: "spec.configuration_overrides.application_configuration[spark-defaults]",
		HiveSite:      "spec.runtime_configuration[hive-site]",
	} {
		if got := Field(own, classification); got != want {
			t.Errorf("%s is in %s, not in %s", classification, got, want)
		}
	}
}
