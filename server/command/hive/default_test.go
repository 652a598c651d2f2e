package hive

import (
	"slices"
	"strings"
	"testing"
)

func TestRows_AreThoseOfTheSpecification(t *testing.T) {
	var unset []string
	for i, r := range rows {
		if i > 0 && rows[i-1].key == r.key {
			t.Errorf("%s is there twice", r.key)
		}
		if r.value == "" {
			unset = append(unset, r.key)
		}
	}
	want := []string{
		mapJoinSize, allEnv + "[KEY]", "hive.metastore.glue.catalogid", "hive.metastore.uris",
		"javax.jdo.option.ConnectionPassword",
		"javax.jdo.option.ConnectionUserName", tezAMEnv + "[KEY]", sortBuffer, unorderedBuffer, tezTaskEnv + "[KEY]",
	}
	if len(rows) != 77 || !slices.Equal(unset, want) {
		t.Errorf("%d rows, and without a value are %v", len(rows), unset)
	}
}

func TestResolve_HasTheDefaultsOfTheRelease(t *testing.T) {
	s := resolve(t, given(""))
	// 77 rows, of which 7 have no value and 2 are of old releases, and the two directories.
	if len(s.Site) != 77-7-2+2 {
		t.Errorf("%d properties", len(s.Site))
	}
	for key, want := range map[string]string{
		"hive.driver.memory":           "6G",
		"hive.tez.container.size":      "6144",
		"hive.exec.orc.split.strategy": "HYBRID",
		"hive.fetch.task.conversion":   "more", "tez.grouping.min-size": "16777216",
		"hive.metastore.client.factory.class": "org.apache.hadoop.hive.ql.metadata.SessionHiveMetaStoreClientFactory",
	} {
		if s.Site[key] != want {
			t.Errorf("%s is %q, want %q", key, s.Site[key], want)
		}
	}
}

func TestReleaseDefaults_AreGated(t *testing.T) {
	const reduce = "hive.mapred.reduce.tasks.speculative.execution"
	const speculation = "tez.am.speculation.enabled"
	const cleanup = "tez.am.vertex.cleanup.height"
	for label, want := range map[string]string{
		"emr-6.6.0":  reduce + " " + speculation,
		"emr-6.7.0":  reduce + " " + speculation,
		"emr-6.8.0":  reduce + " " + speculation + " " + cleanup,
		"emr-6.10.1": reduce + " " + speculation + " " + cleanup,
		"emr-6.11.0": cleanup,
		"emr-7.2.0":  cleanup,
		"own":        cleanup,
		"":           cleanup,
	} {
		defaults := releaseDefaults(label)
		var got []string
		for _, key := range []string{reduce, speculation, cleanup} {
			if _, set := defaults[key]; set {
				got = append(got, key)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q has %v, want %s", label, got, want)
		}
	}
}
