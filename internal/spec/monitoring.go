package spec

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The words of log types (specification of the API, section 3).
var (
	logWorkers = []string{"SPARK_DRIVER", "SPARK_EXECUTOR", "HIVE_DRIVER", "TEZ_TASK"}
	logKinds   = []string{"STDOUT", "STDERR", "HIVE_LOG", "TEZ_AM", "SYSTEM_LOGS"}
)

// logsOf says which workers of an engine write which logs (specification of observability). Other engines write none.
var logsOf = map[specv1.Engine]map[string][]string{
	specv1.Engine_ENGINE_SPARK: {
		"SPARK_DRIVER":   {"STDOUT", "STDERR"},
		"SPARK_EXECUTOR": {"STDOUT", "STDERR"},
	},
	specv1.Engine_ENGINE_HIVE: {
		"HIVE_DRIVER": {"STDOUT", "STDERR", "HIVE_LOG", "TEZ_AM"},
		"TEZ_TASK":    {"STDOUT", "STDERR", "SYSTEM_LOGS"},
	},
}

// maxURI bounds the addresses of monitoring, in characters. The protos have it too.
const maxURI = 10280

// checkMonitoring holds that there are destinations that logs and metrics of an engine can go to.
func checkMonitoring(at string, engine specv1.Engine, m *specv1.Monitoring) error {
	if err := checkS3(at+".s3", m.GetS3()); err != nil {
		return err
	}
	if err := checkLogTypes(at+".log_service.log_types", m.GetLogService().GetLogTypes()); err != nil {
		return err
	}
	if err := checkLogsOf(at+".log_service.log_types", engine, m.GetLogService().GetLogTypes()); err != nil {
		return err
	}
	address := m.GetPrometheus().GetRemoteWriteUrl()
	if address != "" && !remoteURL(address) {
		return wrong(
			at+".prometheus.remote_write_url",
			"%.80q is not http:// or https:// with a host, of at most %d characters",
			address,
			maxURI,
		)
	}
	return nil
}

func checkS3(at string, s *specv1.S3Monitoring) error {
	switch uri := s.GetLogUri(); {
	case uri == "" && s.GetEncryptionKeyArn() != "":
		return wrong(at+".log_uri", "a key is given, but no place for the logs")
	case uri != "" && !storeURI(uri):
		return wrong(
			at+".log_uri",
			"%.80q is neither s3://BUCKET/PREFIX nor file:///DIRECTORY, of at most %d characters",
			uri,
			maxURI,
		)
	}
	return nil
}

// storeURI says whether a URI names a place for files.
func storeURI(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil {
		return false
	}
	return u.Scheme == "s3" && u.Host != "" || u.Scheme == "file" && u.Host == "" && len(u.Path) > 1
}

func remoteURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// checkLogTypes holds that logs and the workers that write them have the words that there are, each type of worker
// once.
func checkLogTypes(at string, types map[string]*specv1.LogTypes) error {
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(types)) {
		switch is := word(key); {
		case !slices.Contains(logWorkers, is):
			return wrong(at+keyed(key), "%.60q is none of %s", key, strings.Join(logWorkers, ", "))
		case seen[is]:
			return wrong(at+keyed(key), "%s stands twice", is)
		default:
			seen[is] = true
		}
		for i, log := range types[key].GetLogs() {
			if !slices.Contains(logKinds, word(log)) {
				return wrong(at+keyed(key)+".logs"+indexed(i), "%.60q is none of %s", log, strings.Join(logKinds, ", "))
			}
		}
	}
	return nil
}

// checkLogsOf holds that workers of the engine write the logs.
func checkLogsOf(at string, engine specv1.Engine, types map[string]*specv1.LogTypes) error {
	workers := logsOf[engine]
	for _, key := range slices.Sorted(maps.Keys(types)) {
		logs, has := workers[word(key)]
		if !has {
			return wrong(at+keyed(key), "%.60q: an application of engine %s has %s", key, engineName(engine),
				cmp.Or(strings.Join(slices.Sorted(maps.Keys(workers)), " and "), "no log types"))
		}
		for i, log := range types[key].GetLogs() {
			if !slices.Contains(logs, word(log)) {
				return wrong(at+keyed(key)+".logs"+indexed(i), "%.60q: a %s of engine %s writes %s", log, word(key),
					engineName(engine), strings.Join(logs, ", "))
			}
		}
	}
	return nil
}

// logWords brings the words of log types into the one way of writing them. Of two keys that are the same word then, the
// second stays as it is: that both were said is wrong, and is told so.
func logWords(m *specv1.Monitoring) {
	s := m.GetLogService()
	if len(s.GetLogTypes()) == 0 {
		return
	}
	types := make(map[string]*specv1.LogTypes, len(s.GetLogTypes()))
	for _, key := range slices.Sorted(maps.Keys(s.GetLogTypes())) {
		t := s.GetLogTypes()[key]
		for i, log := range t.GetLogs() {
			t.GetLogs()[i] = word(log)
		}
		if is := word(key); types[is] == nil {
			types[is] = t
		} else {
			types[key] = t
		}
	}
	s.SetLogTypes(types)
}
