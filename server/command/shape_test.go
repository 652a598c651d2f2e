package command_test

import (
	"maps"
	"testing"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// sparkRun is a run whose user says this of it.
func sparkRun(parameters string, configuration ...*specv1.Configuration) *specv1.JobRun {
	return submit("run", 0, program(sparkDriver(parameters)), own(configuration...)).Spec
}

func defaults(properties ...string) *specv1.Configuration {
	all := map[string]string{}
	for i := 0; i < len(properties); i += 2 {
		all[properties[i]] = properties[i+1]
	}
	return site("spark-defaults", all)
}

func inheritance(configuration ...*specv1.Configuration) *eventv1.Settings {
	return &eventv1.Settings{Configuration: configuration}
}

// Parameters stand over the run's classification, that replaces the application's whole, and that stands over the
// release.
func TestCase13_SparkPrecedence(t *testing.T) {
	const key, other = "spark.driver.memory", "spark.sql.shuffle.partitions"
	inherited := inheritance(defaults(key, "5g", other, "7"))
	for _, c := range []struct {
		name        string
		inherited   *eventv1.Settings
		run         *specv1.JobRun
		want, wants string
	}{
		{"the release alone", nil, sparkRun(""), "14336m", ""},
		{"the application", inherited, sparkRun(""), "5120m", "7"},
		{"the run", inherited, sparkRun("", defaults(key, "6g")), "6144m", ""},
		{"the parameters", inherited, sparkRun("--conf "+key+"=7g", defaults(key, "6g")), "7168m", ""},
		{"a run that removes", inherited, sparkRun("", defaults()), "14336m", ""},
	} {
		s, err := command.SparkSettings("emr-7.2.0", c.inherited, c.run)
		if err != nil || s.Properties[key] != c.want || s.Properties[other] != c.wants {
			t.Errorf("%s: %q and %q, %v; want %q and %q", c.name, s.Properties[key], s.Properties[other], err, c.want,
				c.wants)
		}
	}
}

func TestSparkSettings_SiteFilesReachHadoop(t *testing.T) {
	run := sparkRun("", site("core-site", map[string]string{"fs.s3.impl": "a"}),
		site("hive-site", map[string]string{"hive.metastore.uris": "thrift://m:9083"}))
	s, err := command.SparkSettings("emr-7.2.0", nil, run)
	if err != nil || s.Properties["spark.hadoop.fs.s3.impl"] != "a" ||
		s.Properties["spark.hadoop.hive.metastore.uris"] != "thrift://m:9083" {
		t.Errorf("properties %v, %v", s.Properties, err)
	}
}

// hive-site is the highest of the site files, however a property is spelt in it.
func TestSparkSettings_SiteFilesHaveAnOrder(t *testing.T) {
	s, err := command.SparkSettings("emr-7.2.0", inheritance(site("hive-site", map[string]string{"a": "hive"})),
		sparkRun("", site("core-site", map[string]string{"spark.hadoop.a": "core", "b": "core"}),
			site("emrfs-site", map[string]string{"b": "emrfs"})))
	if err != nil || s.Properties["spark.hadoop.a"] != "hive" || s.Properties["spark.hadoop.b"] != "emrfs" {
		t.Errorf("a is %q, b is %q, %v", s.Properties["spark.hadoop.a"], s.Properties["spark.hadoop.b"], err)
	}
}

func TestSparkSettings_KeepLog4j2OfDriverAndExecutorsApart(t *testing.T) {
	inherited := inheritance(site("spark-driver-log4j2", map[string]string{"rootLogger.level": "error"}),
		site("spark-executor-log4j2", map[string]string{"rootLogger.level": "warn"}))
	s, err := command.SparkSettings("emr-7.2.0", inherited,
		sparkRun("", site("spark-driver-log4j2", map[string]string{"logger.A.level": "info"})))
	if err != nil || !maps.Equal(s.DriverLog4j2, map[string]string{"logger.A.level": "info"}) ||
		!maps.Equal(s.ExecutorLog4j2, map[string]string{"rootLogger.level": "warn"}) {
		t.Errorf("the driver has %v, executors have %v, %v", s.DriverLog4j2, s.ExecutorLog4j2, err)
	}
}
