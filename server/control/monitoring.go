package control

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of monitoring (specification of the API, section 3), in characters.
const (
	maxURI      = 10280
	maxLogGroup = 512
)

var (
	keyARN     = regexp.MustCompile(`^arn:(aws[a-zA-Z0-9-]*):kms:[a-zA-Z0-9\-]*:([0-9]{12}):key\/[a-zA-Z0-9-]+$`)
	logGroup   = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)
	logWorkers = []string{"SPARK_DRIVER", "SPARK_EXECUTOR", "HIVE_DRIVER", "TEZ_TASK"}
	logKinds   = []string{"STDOUT", "STDERR", "HIVE_LOG", "TEZ_AM", "SYSTEM_LOGS"}
)

// monitoringOf checks where logs and metrics go. A message without any part says nothing, which is nil.
func monitoringOf(m *controlv1.Monitoring) (*state.Monitoring, error) {
	if m.GetS3() == nil && m.GetManagedPersistence() == nil && m.GetLogService() == nil && m.GetPrometheus() == nil {
		return nil, nil
	}
	for _, check := range []func(*controlv1.Monitoring) error{checkS3, checkLogService, checkPrometheus} {
		if err := check(m); err != nil {
			return nil, err
		}
	}
	if err := checkKey("monitoring.managed_persistence.encryption_key_arn", m.GetManagedPersistence().GetEncryptionKeyArn()); err != nil {
		return nil, err
	}
	s := &state.Monitoring{}
	if m.GetS3() != nil {
		s.S3 = &state.S3Monitoring{LogURI: m.GetS3().GetLogUri(), EncryptionKeyARN: m.GetS3().GetEncryptionKeyArn()}
	}
	if m.GetManagedPersistence() != nil {
		s.Managed = &state.ManagedPersistence{Enabled: m.GetManagedPersistence().Enabled, EncryptionKeyARN: m.GetManagedPersistence().GetEncryptionKeyArn()}
	}
	s.LogService = logServiceOf(m.GetLogService())
	if m.GetPrometheus() != nil {
		s.Prometheus = &state.PrometheusMonitoring{RemoteWriteURL: m.GetPrometheus().GetRemoteWriteUrl()}
	}
	return s, nil
}

func logServiceOf(m *controlv1.LogService) *state.LogService {
	if m == nil {
		return nil
	}
	s := &state.LogService{Enabled: m.GetEnabled(), LogGroupName: m.GetLogGroupName(), LogStreamNamePrefix: m.GetLogStreamNamePrefix(),
		EncryptionKeyARN: m.GetEncryptionKeyArn()}
	for _, t := range m.GetLogTypes() {
		s.LogTypes = append(s.LogTypes, state.LogTypes{WorkerType: word(t.GetWorkerType()), Logs: words(t.GetLogs())})
	}
	return s
}

func words(all []string) (upper []string) {
	for _, s := range all {
		upper = append(upper, word(s))
	}
	return upper
}

func checkKey(field, arn string) error {
	if arn != "" && (len(arn) > 2048 || !keyARN.MatchString(arn)) {
		return errs.Field(field, "%.80q is not the ARN of a key, such as arn:aws:kms:us-east-1:000000000000:key/1234abcd", arn)
	}
	return nil
}

func checkS3(m *controlv1.Monitoring) error {
	uri, key := m.GetS3().GetLogUri(), m.GetS3().GetEncryptionKeyArn()
	switch {
	case uri == "" && key != "":
		return errs.Field("monitoring.s3.log_uri", "a key is given, but no place for the logs")
	case uri != "" && !storeURI(uri):
		return errs.Field("monitoring.s3.log_uri", "%.80q is neither s3://BUCKET/PREFIX nor file:///DIRECTORY, of at most %d characters", uri, maxURI)
	}
	if err := checkPrintable("monitoring.s3.log_uri", "", uri); err != nil {
		return err
	}
	return checkKey("monitoring.s3.encryption_key_arn", key)
}

// storeURI says whether a URI names a place for files.
func storeURI(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || utf8.RuneCountInString(uri) > maxURI {
		return false
	}
	return u.Scheme == "s3" && u.Host != "" || u.Scheme == "file" && u.Host == "" && len(u.Path) > 1
}

func checkLogService(m *controlv1.Monitoring) error {
	const field = "monitoring.log_service."
	s := m.GetLogService()
	switch group, prefix := s.GetLogGroupName(), s.GetLogStreamNamePrefix(); {
	case group != "" && (len(group) > maxLogGroup || !logGroup.MatchString(group)):
		return errs.Field(field+"log_group_name", "%.80q is not 1 to %d of A-Z a-z 0-9 . - _ / #", group, maxLogGroup)
	case utf8.RuneCountInString(prefix) > maxLogGroup || strings.ContainsAny(prefix, ":*\x00"):
		return errs.Field(field+"log_stream_name_prefix", "%.80q is not 1 to %d characters without :, * and zero bytes", prefix, maxLogGroup)
	case len(s.GetLogTypes()) > len(logWorkers):
		return errs.Field(field+"log_types", "%d entries are more than %d", len(s.GetLogTypes()), len(logWorkers))
	}
	if err := checkPrintable(field+"log_stream_name_prefix", "", s.GetLogStreamNamePrefix()); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, t := range s.GetLogTypes() {
		if err := checkLogTypes(fmt.Sprintf(field+"log_types[%d]", i), t, seen); err != nil {
			return err
		}
	}
	return checkKey(field+"encryption_key_arn", s.GetEncryptionKeyArn())
}

func checkLogTypes(field string, t *controlv1.LogTypes, seen map[string]bool) error {
	worker := word(t.GetWorkerType())
	switch {
	case !slices.Contains(logWorkers, worker):
		return errs.Field(field+".worker_type", "%.60q is none of %s", t.GetWorkerType(), strings.Join(logWorkers, ", "))
	case seen[worker]:
		return errs.Field(field+".worker_type", "%s stands twice", worker)
	case len(t.GetLogs()) < 1 || len(t.GetLogs()) > len(logKinds):
		return errs.Field(field+".logs", "%d entries are not between 1 and %d", len(t.GetLogs()), len(logKinds))
	}
	seen[worker] = true
	for _, log := range t.GetLogs() {
		if !slices.Contains(logKinds, word(log)) {
			return errs.Field(field+".logs", "%.60q is none of %s", log, strings.Join(logKinds, ", "))
		}
	}
	return nil
}

func checkPrometheus(m *controlv1.Monitoring) error {
	address := m.GetPrometheus().GetRemoteWriteUrl()
	u, err := url.Parse(address)
	if address != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || utf8.RuneCountInString(address) > maxURI) {
		return errs.Field("monitoring.prometheus.remote_write_url", "%.80q is not http:// or https:// with a host, of at most %d characters",
			address, maxURI)
	}
	return checkPrintable("monitoring.prometheus.remote_write_url", "", address)
}
