package manifest

import (
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Monitoring says where logs and metrics go. A part that is absent is inherited, or has its default.
type Monitoring struct {
	S3                 *S3Monitoring         `yaml:"s3MonitoringConfiguration,omitempty"`
	ManagedPersistence *ManagedPersistence   `yaml:"managedPersistenceMonitoringConfiguration,omitempty"`
	LogService         *LogService           `yaml:"cloudWatchLoggingConfiguration,omitempty"`
	Prometheus         *PrometheusMonitoring `yaml:"prometheusMonitoringConfiguration,omitempty"`
}

// S3Monitoring sends logs to an object store; an empty one removes what was inherited.
type S3Monitoring struct {
	LogURI           string `yaml:"logUri,omitempty"`
	EncryptionKeyArn string `yaml:"encryptionKeyArn,omitempty"`
}

// ManagedPersistence keeps logs in the cluster's own storage, which is the default.
type ManagedPersistence struct {
	Enabled          *bool  `yaml:"enabled,omitempty"`
	EncryptionKeyArn string `yaml:"encryptionKeyArn,omitempty"`
}

// LogService sends logs to a log service.
type LogService struct {
	Enabled             bool                `yaml:"enabled"`
	LogGroupName        string              `yaml:"logGroupName,omitempty"`
	LogStreamNamePrefix string              `yaml:"logStreamNamePrefix,omitempty"`
	EncryptionKeyArn    string              `yaml:"encryptionKeyArn,omitempty"`
	LogTypes            map[string][]string `yaml:"logTypes,omitempty"`
}

// PrometheusMonitoring sends metrics to a remote Prometheus.
type PrometheusMonitoring struct {
	RemoteWriteURL string `yaml:"remoteWriteUrl,omitempty"`
}

// message returns it as the API has it; nil stays nil.
func (m *Monitoring) message() *controlv1.Monitoring {
	if m == nil {
		return nil
	}
	all := &controlv1.Monitoring{LogService: m.LogService.message()}
	if m.S3 != nil {
		all.S3 = &controlv1.S3Monitoring{LogUri: m.S3.LogURI, EncryptionKeyArn: m.S3.EncryptionKeyArn}
	}
	if m.ManagedPersistence != nil {
		all.ManagedPersistence = &controlv1.ManagedPersistence{Enabled: m.ManagedPersistence.Enabled, EncryptionKeyArn: m.ManagedPersistence.EncryptionKeyArn}
	}
	if m.Prometheus != nil {
		all.Prometheus = &controlv1.PrometheusMonitoring{RemoteWriteUrl: m.Prometheus.RemoteWriteURL}
	}
	return all
}

func (l *LogService) message() *controlv1.LogService {
	if l == nil {
		return nil
	}
	all := &controlv1.LogService{Enabled: l.Enabled, LogGroupName: l.LogGroupName, LogStreamNamePrefix: l.LogStreamNamePrefix,
		EncryptionKeyArn: l.EncryptionKeyArn}
	for _, name := range sortedKeys(l.LogTypes) {
		all.LogTypes = append(all.LogTypes, &controlv1.LogTypes{WorkerType: name, Logs: l.LogTypes[name]})
	}
	return all
}

func monitoringOf(m *controlv1.Monitoring) *Monitoring {
	if m == nil {
		return nil
	}
	all := &Monitoring{LogService: logServiceOf(m.GetLogService())}
	if s3 := m.GetS3(); s3 != nil {
		all.S3 = &S3Monitoring{LogURI: s3.GetLogUri(), EncryptionKeyArn: s3.GetEncryptionKeyArn()}
	}
	if managed := m.GetManagedPersistence(); managed != nil {
		all.ManagedPersistence = &ManagedPersistence{Enabled: managed.Enabled, EncryptionKeyArn: managed.GetEncryptionKeyArn()}
	}
	if m.GetPrometheus() != nil {
		all.Prometheus = &PrometheusMonitoring{RemoteWriteURL: m.GetPrometheus().GetRemoteWriteUrl()}
	}
	return all
}

func logServiceOf(l *controlv1.LogService) *LogService {
	if l == nil {
		return nil
	}
	all := &LogService{Enabled: l.GetEnabled(), LogGroupName: l.GetLogGroupName(), LogStreamNamePrefix: l.GetLogStreamNamePrefix(),
		EncryptionKeyArn: l.GetEncryptionKeyArn()}
	for _, types := range l.GetLogTypes() {
		if all.LogTypes == nil {
			all.LogTypes = map[string][]string{}
		}
		all.LogTypes[types.GetWorkerType()] = types.GetLogs()
	}
	return all
}

// effective returns what of an application's monitoring says something: nothing is inherited there, so an empty part is none, and
// managed persistence that is on is the default.
func (m *Monitoring) effective() *Monitoring {
	if m == nil {
		return nil
	}
	full := *m
	if full.S3 != nil && *full.S3 == (S3Monitoring{}) {
		full.S3 = nil
	}
	if p := full.ManagedPersistence; p != nil && p.EncryptionKeyArn == "" && (p.Enabled == nil || *p.Enabled) {
		full.ManagedPersistence = nil
	}
	if full.LogService != nil && !full.LogService.Enabled {
		full.LogService = nil
	}
	if full.Prometheus != nil && full.Prometheus.RemoteWriteURL == "" {
		full.Prometheus = nil
	}
	if full == (Monitoring{}) {
		return nil
	}
	return &full
}
