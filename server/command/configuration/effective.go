package configuration

import (
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Effective returns the settings that hold for a run: its own over those that it inherits, which may be nil.
func Effective(inherited *eventv1.Settings, run *specv1.JobRun) *eventv1.Settings {
	own := run.GetConfigurationOverrides()
	return &eventv1.Settings{
		Configuration: classifications(inherited.GetConfiguration(), own.GetApplicationConfiguration()),
		Monitoring:    monitoring(inherited.GetMonitoring(), own.GetMonitoring()),
	}
}

// classifications keeps the application's order, then the run's.
func classifications(inherited, own []*specv1.Configuration) (merged []*specv1.Configuration) {
	replaced := map[string]bool{}
	inherited = Flat(inherited)
	own = Flat(own)
	for _, c := range inherited {
		if mine := find(own, c.GetClassification()); mine != nil {
			c = mine
			replaced[c.GetClassification()] = true
		}
		if len(c.GetProperties()) > 0 {
			merged = append(merged, alone(c))
		}
	}
	for _, c := range own {
		if !replaced[c.GetClassification()] && len(c.GetProperties()) > 0 {
			merged = append(merged, alone(c))
		}
	}
	return merged
}

// alone returns a classification without those that are nested in it, which stand in the list themselves.
func alone(c *specv1.Configuration) *specv1.Configuration {
	if len(c.GetConfigurations()) == 0 {
		return c
	}
	return specv1.Configuration_builder{
		Classification: new(c.GetClassification()),
		Properties:     c.GetProperties(),
	}.Build()
}

func find(all []*specv1.Configuration, classification string) *specv1.Configuration {
	for _, c := range all {
		if c.GetClassification() == classification {
			return c
		}
	}
	return nil
}

// Properties returns the properties of a classification, or nil if there is no such classification.
func Properties(all []*specv1.Configuration, classification string) map[string]string {
	return find(all, classification).GetProperties()
}

// Field returns the field of a request that decided on a classification: the run's if the run says anything of the
// classification, else the application's.
func Field(run *specv1.JobRun, classification string) string {
	if find(Flat(run.GetConfigurationOverrides().GetApplicationConfiguration()), classification) != nil {
		return "spec.configuration_overrides.application_configuration[" + classification + "]"
	}
	return "spec.runtime_configuration[" + classification + "]"
}
