package control

import (
	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// monitoring shows where logs and metrics go; nil when nothing was said.
func monitoring(s *state.Monitoring) *controlv1.Monitoring {
	if s == nil {
		return nil
	}
	m := &controlv1.Monitoring{}
	if s.S3 != nil {
		m.S3 = &controlv1.S3Monitoring{LogUri: s.S3.LogURI, EncryptionKeyArn: s.S3.EncryptionKeyARN}
	}
	if s.Managed != nil {
		m.ManagedPersistence = &controlv1.ManagedPersistence{Enabled: s.Managed.Enabled, EncryptionKeyArn: s.Managed.EncryptionKeyARN}
	}
	if s.LogService != nil {
		m.LogService = &controlv1.LogService{Enabled: s.LogService.Enabled, LogGroupName: s.LogService.LogGroupName,
			LogStreamNamePrefix: s.LogService.LogStreamNamePrefix, EncryptionKeyArn: s.LogService.EncryptionKeyARN}
		for _, t := range s.LogService.LogTypes {
			m.LogService.LogTypes = append(m.LogService.LogTypes, &controlv1.LogTypes{WorkerType: t.WorkerType, Logs: t.Logs})
		}
	}
	if s.Prometheus != nil {
		m.Prometheus = &controlv1.PrometheusMonitoring{RemoteWriteUrl: s.Prometheus.RemoteWriteURL}
	}
	return m
}
