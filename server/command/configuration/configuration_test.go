package configuration

import (
	"reflect"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

func class(name string, properties ...string) state.Configuration {
	c := state.Configuration{Classification: name, Properties: map[string]string{}}
	for i := 0; i < len(properties); i += 2 {
		c.Properties[properties[i]] = properties[i+1]
	}
	return c
}

// The worked example of section 6 of the specification of applications.
func TestWorkedExample_ConfigurationOverrides(t *testing.T) {
	off, on := false, true
	application := state.Settings{
		Configuration: []state.Configuration{
			class(SparkDefaults, "spark.driver.cores", "2", "spark.executor.cores", "1", "spark.driver.memory", "4G", "spark.executor.memory", "4G"),
			class(SparkDriverLog4j2, "rootLogger.level", "error", "logger.IdentifierForClass.name", "classpath", "logger.IdentifierForClass.level", "info"),
		},
		Monitoring: &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://amzn-s3-demo-logging-bucket/logs/app-level"}, Managed: &state.ManagedPersistence{Enabled: &off}},
	}
	run := &state.Submission{
		Configuration: []state.Configuration{
			class(SparkDefaults, "spark.driver.memory", "8G", "spark.executor.memory", "8G"),
			class(SparkExecutorLog4j2, "logger.IdentifierForClass.level", "debug"),
			class(SparkDriverLog4j2),
		},
		Monitoring: &state.Monitoring{Managed: &state.ManagedPersistence{Enabled: &on}, S3: &state.S3Monitoring{}, LogService: &state.LogService{Enabled: true}},
	}
	want := state.Settings{
		Configuration: []state.Configuration{
			class(SparkDefaults, "spark.driver.memory", "8G", "spark.executor.memory", "8G"),
			class(SparkExecutorLog4j2, "logger.IdentifierForClass.level", "debug"),
		},
		Monitoring: &state.Monitoring{Managed: &state.ManagedPersistence{Enabled: &on}, LogService: &state.LogService{Enabled: true}},
	}
	if got := Effective(application, run); !reflect.DeepEqual(got, want) {
		t.Errorf("in the end holds\n%+v\nnot\n%+v", got, want)
	}
}

func TestEffective_RemovesAndReturnsToDefaults(t *testing.T) {
	off := false
	inherited := state.Settings{Configuration: []state.Configuration{class(HiveSite, "a", "b")},
		Monitoring: &state.Monitoring{Managed: &state.ManagedPersistence{Enabled: &off}, LogService: &state.LogService{Enabled: true},
			Prometheus: &state.PrometheusMonitoring{RemoteWriteURL: "u"}}}
	got := Effective(inherited, &state.Submission{Configuration: []state.Configuration{class(HiveSite)},
		Monitoring: &state.Monitoring{Managed: &state.ManagedPersistence{}, LogService: &state.LogService{}, Prometheus: &state.PrometheusMonitoring{}}})
	if !reflect.DeepEqual(got, state.Settings{}) {
		t.Errorf("something is left: %+v", got)
	}
	if got := Effective(inherited, &state.Submission{}); !reflect.DeepEqual(got, inherited) {
		t.Errorf("what nobody speaks of changes: %+v", got)
	}
}

func TestCheck_NamesTheFieldAndWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		engine         state.Engine
		release        string
		classification state.Configuration
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
		{state.EngineSpark, "emr-7.2.0", state.Configuration{Classification: SparkDefaults, Configurations: []state.Configuration{class("x")}}, "nested"},
	} {
		err := Check(c.engine, c.release, "configuration", []state.Configuration{c.classification})
		if (c.said == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), c.said) || !errs.Is(err, errs.Invalid)) {
			t.Errorf("%s of %s on %s gives %v, not %q", c.classification.Classification, c.engine, c.release, err, c.said)
		}
	}
}
