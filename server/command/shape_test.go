package command_test

import (
	"maps"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

func sparkRun(parameters string, configuration ...state.Configuration) *state.Submission {
	return &state.Submission{Spark: &state.SparkSubmit{EntryPoint: "s3://b/x.py", Parameters: parameters}, Configuration: configuration}
}

func defaults(properties ...string) state.Configuration {
	c := state.Configuration{Classification: "spark-defaults", Properties: map[string]string{}}
	for i := 0; i < len(properties); i += 2 {
		c.Properties[properties[i]] = properties[i+1]
	}
	return c
}

// Parameters stand over the run's classification, that replaces the application's whole, and that stands over the release.
func TestCase13_SparkPrecedence(t *testing.T) {
	const key, other = "spark.driver.memory", "spark.sql.shuffle.partitions"
	inherited := state.Settings{Configuration: []state.Configuration{defaults(key, "5g", other, "7")}}
	for _, c := range []struct {
		name        string
		inherited   state.Settings
		run         *state.Submission
		want, wants string
	}{
		{"the release alone", state.Settings{}, sparkRun(""), "14336m", ""},
		{"the application", inherited, sparkRun(""), "5120m", "7"},
		{"the run", inherited, sparkRun("", defaults(key, "6g")), "6144m", ""},
		{"the parameters", inherited, sparkRun("--conf "+key+"=7g", defaults(key, "6g")), "7168m", ""},
		{"a run that removes", inherited, sparkRun("", defaults()), "14336m", ""},
	} {
		s, err := command.SparkSettings("emr-7.2.0", c.inherited, c.run)
		if err != nil || s.Properties[key] != c.want || s.Properties[other] != c.wants {
			t.Errorf("%s: %q and %q, %v; want %q and %q", c.name, s.Properties[key], s.Properties[other], err, c.want, c.wants)
		}
	}
}

func TestSparkSettings_SiteFilesReachHadoop(t *testing.T) {
	site := func(name, key, value string) state.Configuration {
		return state.Configuration{Classification: name, Properties: map[string]string{key: value}}
	}
	s, err := command.SparkSettings("emr-7.2.0", state.Settings{}, sparkRun("", site("core-site", "fs.s3.impl", "a"), site("hive-site", "hive.metastore.uris", "thrift://m:9083")))
	if err != nil || s.Properties["spark.hadoop.fs.s3.impl"] != "a" || s.Properties["spark.hadoop.hive.metastore.uris"] != "thrift://m:9083" {
		t.Errorf("properties %v, %v", s.Properties, err)
	}
}

// hive-site is the highest of the site files, however a property is spelt in it.
func TestSparkSettings_SiteFilesHaveAnOrder(t *testing.T) {
	s, err := command.SparkSettings("emr-7.2.0", state.Settings{Configuration: []state.Configuration{site("hive-site", map[string]string{"a": "hive"})}},
		sparkRun("", site("core-site", map[string]string{"spark.hadoop.a": "core", "b": "core"}), site("emrfs-site", map[string]string{"b": "emrfs"})))
	if err != nil || s.Properties["spark.hadoop.a"] != "hive" || s.Properties["spark.hadoop.b"] != "emrfs" {
		t.Errorf("a is %q, b is %q, %v", s.Properties["spark.hadoop.a"], s.Properties["spark.hadoop.b"], err)
	}
}

func TestSparkSettings_KeepLog4j2OfDriverAndExecutorsApart(t *testing.T) {
	inherited := state.Settings{Configuration: []state.Configuration{site("spark-driver-log4j2", map[string]string{"rootLogger.level": "error"}),
		site("spark-executor-log4j2", map[string]string{"rootLogger.level": "warn"})}}
	s, err := command.SparkSettings("emr-7.2.0", inherited, sparkRun("", site("spark-driver-log4j2", map[string]string{"logger.A.level": "info"})))
	if err != nil || !maps.Equal(s.DriverLog4j2, map[string]string{"logger.A.level": "info"}) ||
		!maps.Equal(s.ExecutorLog4j2, map[string]string{"rootLogger.level": "warn"}) {
		t.Errorf("the driver has %v, executors have %v, %v", s.DriverLog4j2, s.ExecutorLog4j2, err)
	}
}
