package configuration

import specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"

// monitoring merges per type. What only removes something is not in the result; if nothing is left, the result is nil.
func monitoring(inherited, own *specv1.Monitoring) *specv1.Monitoring {
	merged := specv1.Monitoring_builder{
		S3:                 over(inherited.GetS3(), own.GetS3()),
		ManagedPersistence: over(inherited.GetManagedPersistence(), own.GetManagedPersistence()),
		LogService:         over(inherited.GetLogService(), own.GetLogService()),
		Prometheus:         over(inherited.GetPrometheus(), own.GetPrometheus()),
	}
	if !merged.S3.HasLogUri() && !merged.S3.HasEncryptionKeyArn() {
		merged.S3 = nil
	}
	if !merged.ManagedPersistence.HasEnabled() && !merged.ManagedPersistence.HasEncryptionKeyArn() {
		merged.ManagedPersistence = nil
	}
	if !merged.LogService.GetEnabled() {
		merged.LogService = nil
	}
	if !merged.Prometheus.HasRemoteWriteUrl() {
		merged.Prometheus = nil
	}
	if merged.S3 == nil && merged.ManagedPersistence == nil && merged.LogService == nil && merged.Prometheus == nil {
		return nil
	}
	return merged.Build()
}

// over returns what the run says, or else what it inherits.
func over[T any](inherited, own *T) *T {
	if own != nil {
		return own
	}
	return inherited
}
