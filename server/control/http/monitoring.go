package http

import (
	"fmt"
	"maps"
	"slices"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// monitoring translates where logs and metrics go. It stands below the field at.
func (c *call) monitoring(said *wire.MonitoringConfiguration, at string) *controlv1.Monitoring {
	if said == nil {
		return nil
	}
	m := &controlv1.Monitoring{}
	if said.S3 != nil {
		m.S3 = &controlv1.S3Monitoring{LogUri: said.S3.LogURI, EncryptionKeyArn: said.S3.EncryptionKeyARN}
	}
	if said.Managed != nil {
		m.ManagedPersistence = &controlv1.ManagedPersistence{Enabled: said.Managed.Enabled, EncryptionKeyArn: said.Managed.EncryptionKeyARN}
	}
	if s := said.CloudWatch; s != nil {
		m.LogService = &controlv1.LogService{Enabled: s.Enabled, LogGroupName: s.LogGroupName, LogStreamNamePrefix: s.LogStreamNamePrefix,
			EncryptionKeyArn: s.EncryptionKeyARN}
		for i, key := range slices.Sorted(maps.Keys(s.LogTypes)) {
			c.names[fmt.Sprintf("monitoring.log_service.log_types[%d]", i)] = at + "monitoringConfiguration.cloudWatchLoggingConfiguration.logTypes." + key
			m.LogService.LogTypes = append(m.LogService.LogTypes, &controlv1.LogTypes{WorkerType: key, Logs: s.LogTypes[key]})
		}
	}
	if said.Prometheus != nil {
		m.Prometheus = &controlv1.PrometheusMonitoring{RemoteWriteUrl: said.Prometheus.RemoteWriteURL}
	}
	return m
}

// monitoringOf shows where logs and metrics go.
func monitoringOf(m *controlv1.Monitoring) *wire.MonitoringConfiguration {
	if m == nil {
		return nil
	}
	s := &wire.MonitoringConfiguration{}
	if m.GetS3() != nil {
		s.S3 = &wire.S3Monitoring{LogURI: m.GetS3().GetLogUri(), EncryptionKeyARN: m.GetS3().GetEncryptionKeyArn()}
	}
	if m.GetManagedPersistence() != nil {
		s.Managed = &wire.Managed{Enabled: m.GetManagedPersistence().Enabled, EncryptionKeyARN: m.GetManagedPersistence().GetEncryptionKeyArn()}
	}
	if l := m.GetLogService(); l != nil {
		s.CloudWatch = &wire.CloudWatch{Enabled: l.GetEnabled(), LogGroupName: l.GetLogGroupName(), LogStreamNamePrefix: l.GetLogStreamNamePrefix(),
			EncryptionKeyARN: l.GetEncryptionKeyArn()}
		for _, t := range l.GetLogTypes() {
			if s.CloudWatch.LogTypes == nil {
				s.CloudWatch.LogTypes = map[string][]string{}
			}
			s.CloudWatch.LogTypes[t.GetWorkerType()] = t.GetLogs()
		}
	}
	if m.GetPrometheus() != nil {
		s.Prometheus = &wire.Prometheus{RemoteWriteURL: m.GetPrometheus().GetRemoteWriteUrl()}
	}
	return s
}

// diskEncryption translates how disks are encrypted.
func diskEncryption(said *wire.DiskEncryption) *controlv1.DiskEncryption {
	if said == nil {
		return nil
	}
	return &controlv1.DiskEncryption{Context: said.Context, KeyArn: said.KeyARN}
}

func diskEncryptionOf(m *controlv1.DiskEncryption) *wire.DiskEncryption {
	if m == nil {
		return nil
	}
	return &wire.DiskEncryption{Context: m.GetContext(), KeyARN: m.GetKeyArn()}
}

// configurations translates classifications.
func configurations(said []wire.Configuration) (ms []*controlv1.Configuration) {
	for _, c := range said {
		ms = append(ms, &controlv1.Configuration{Classification: c.Classification, Properties: c.Properties, Configurations: configurations(c.Configurations)})
	}
	return ms
}

func configurationsOf(ms []*controlv1.Configuration) (all []wire.Configuration) {
	for _, m := range ms {
		all = append(all, wire.Configuration{Classification: m.GetClassification(), Properties: m.GetProperties(), Configurations: configurationsOf(m.GetConfigurations())})
	}
	return all
}
