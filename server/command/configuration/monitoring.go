package configuration

import "github.com/headrace/headrace/fsm/state"

// monitoring merges per type; what removes something is not in the result. Nil: nothing is left to be said.
func monitoring(inherited, own *state.Monitoring) *state.Monitoring {
	a, b := value(inherited), value(own)
	merged := state.Monitoring{S3: over(a.S3, b.S3), Managed: over(a.Managed, b.Managed), LogService: over(a.LogService, b.LogService),
		Prometheus: over(a.Prometheus, b.Prometheus)}
	if merged.S3 != nil && *merged.S3 == (state.S3Monitoring{}) {
		merged.S3 = nil
	}
	if merged.Managed != nil && *merged.Managed == (state.ManagedPersistence{}) {
		merged.Managed = nil
	}
	if merged.LogService != nil && !merged.LogService.Enabled {
		merged.LogService = nil
	}
	if merged.Prometheus != nil && *merged.Prometheus == (state.PrometheusMonitoring{}) {
		merged.Prometheus = nil
	}
	if merged == (state.Monitoring{}) {
		return nil
	}
	return &merged
}

func value(m *state.Monitoring) state.Monitoring {
	if m == nil {
		return state.Monitoring{}
	}
	return *m
}

// over returns what the run says, or else what it inherits.
func over[T any](inherited, own *T) *T {
	if own != nil {
		return own
	}
	return inherited
}
