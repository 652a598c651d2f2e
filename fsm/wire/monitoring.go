package wire

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Monitoring makes the message of where logs and metrics go; nil makes none, and so does each part.
func Monitoring(s *state.Monitoring) *eventv1.Monitoring {
	if s == nil {
		return nil
	}
	m := &eventv1.Monitoring{LogService: logService(s.LogService)}
	if s.S3 != nil {
		m.S3 = &eventv1.S3Monitoring{LogUri: s.S3.LogURI, EncryptionKeyArn: s.S3.EncryptionKeyARN}
	}
	if s.Managed != nil {
		m.ManagedPersistence = &eventv1.ManagedPersistence{Enabled: s.Managed.Enabled, EncryptionKeyArn: s.Managed.EncryptionKeyARN}
	}
	if s.Prometheus != nil {
		m.Prometheus = &eventv1.PrometheusMonitoring{RemoteWriteUrl: s.Prometheus.RemoteWriteURL}
	}
	return m
}

func logService(s *state.LogService) *eventv1.LogService {
	if s == nil {
		return nil
	}
	m := &eventv1.LogService{Enabled: s.Enabled, LogGroupName: s.LogGroupName, LogStreamNamePrefix: s.LogStreamNamePrefix, EncryptionKeyArn: s.EncryptionKeyARN}
	for _, t := range s.LogTypes {
		m.LogTypes = append(m.LogTypes, &eventv1.LogTypes{WorkerType: t.WorkerType, Logs: t.Logs})
	}
	return m
}

// MonitoringOf reads where logs and metrics go.
func MonitoringOf(m *eventv1.Monitoring) *state.Monitoring {
	if m == nil {
		return nil
	}
	s := &state.Monitoring{LogService: logServiceOf(m.GetLogService())}
	if m.GetS3() != nil {
		s.S3 = &state.S3Monitoring{LogURI: m.GetS3().GetLogUri(), EncryptionKeyARN: m.GetS3().GetEncryptionKeyArn()}
	}
	if m.GetManagedPersistence() != nil {
		s.Managed = &state.ManagedPersistence{Enabled: m.GetManagedPersistence().Enabled, EncryptionKeyARN: m.GetManagedPersistence().GetEncryptionKeyArn()}
	}
	if m.GetPrometheus() != nil {
		s.Prometheus = &state.PrometheusMonitoring{RemoteWriteURL: m.GetPrometheus().GetRemoteWriteUrl()}
	}
	return s
}

func logServiceOf(m *eventv1.LogService) *state.LogService {
	if m == nil {
		return nil
	}
	s := &state.LogService{Enabled: m.GetEnabled(), LogGroupName: m.GetLogGroupName(), LogStreamNamePrefix: m.GetLogStreamNamePrefix(),
		EncryptionKeyARN: m.GetEncryptionKeyArn()}
	for _, t := range m.GetLogTypes() {
		s.LogTypes = append(s.LogTypes, state.LogTypes{WorkerType: t.GetWorkerType(), Logs: t.GetLogs()})
	}
	return s
}

// Settings makes the message of what a run inherits; nothing makes none.
func Settings(s state.Settings) *eventv1.Settings {
	if len(s.Configuration) == 0 && s.Monitoring == nil {
		return nil
	}
	return &eventv1.Settings{Configuration: Configurations(s.Configuration), Monitoring: Monitoring(s.Monitoring)}
}

// SettingsOf reads what a run inherits.
func SettingsOf(m *eventv1.Settings) state.Settings {
	return state.Settings{Configuration: ConfigurationsOf(m.GetConfiguration()), Monitoring: MonitoringOf(m.GetMonitoring())}
}
