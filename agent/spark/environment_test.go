package spark

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestEnvironment_IsTheUsersOverTheMachinesUnderThePlatforms(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	e.config.Region = "eu-west-1"
	t.Setenv("HEADRACE_CONFIG", "/etc/headrace/agent.yaml")
	t.Setenv("AGENTS_OWN", "x")
	t.Setenv("TZ", "UTC")
	t.Setenv("LANG", "C")
	user := map[string]string{
		"TZ": "Europe/Berlin", "HOME": "/h", "SPARK_HOME": "/usr/lib/spark/", "AWS_REGION": "us-west-2",
		"mine": "1", "HADOOP_CONF_DIR": "/etc/hadoop", "LD_PRELOAD": "libjemalloc.so.2",
	}
	for _, w := range []*agentv1.AssignedWorker{driverOf(t, user, nil), executorOf(user, nil)} {
		command, err := e.Prepare(t.Context(), w, homeIn(t, filepath.Join(dir, w.GetWorkerId())))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"TZ": "Europe/Berlin", "LANG": "C", "HOME": "/h", "mine": "1", "AGENTS_OWN": "",
			"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "eu-west-1", "SPARK_HOME": e.config.Store.Releases()[0].SparkHome,
			"HEADRACE_CONFIG": "", "LD_PRELOAD": "libjemalloc.so.2",
		} {
			if got := variable(command.Env, name); got != want {
				t.Errorf("%s: %s is %q, want %q", w.GetWorkerId(), name, got, want)
			}
		}
		ours := slices.DeleteFunc(slices.Clone(command.Env), func(line string) bool {
			return !strings.HasPrefix(line, "HEADRACE_")
		})
		if w.GetSparkDriver() != nil && len(ours) != 1 || w.GetSparkDriver() == nil && len(ours) != 0 {
			t.Errorf("%s has %v", w.GetWorkerId(), ours)
		}
		if path := command.Args[slices.Index(command.Args, "-cp")+1]; !strings.HasSuffix(path, ":/etc/hadoop") {
			t.Errorf("%s: Hadoop's configuration is not on the class path %s", w.GetWorkerId(), path)
		}
	}
}

func TestEnvironment_RefusesWhatWouldBreakThePlatform(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	for name, value := range map[string]string{
		"SPARK_HOME": "/opt/spark", "SPARK_CONF_DIR": "/c", "SPARK_LOCAL_DIRS": "/d",
		"HEADRACE_SOCKET_TOKEN": "secret-value", "_SPARK_AUTH_SECRET": "secret-value", "a=b": "", "": "", "zero": "\x00",
	} {
		user := map[string]string{name: value}
		for _, w := range []*agentv1.AssignedWorker{
			driverOf(t, user, nil), executorOf(user, nil),
			driverOf(t, nil, map[string]string{"spark.executorEnv." + name: value}),
		} {
			reason, message := refusal(t, e, w, dir)
			if reason != agentv1.ExitReason_EXIT_REASON_START_REFUSED || !strings.Contains(message, name) ||
				strings.Contains(message, "secret-value") {
				t.Errorf("%q: %s, %s", name, reason, message)
			}
		}
	}
}
