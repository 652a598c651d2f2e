package configuration

import "github.com/headrace/headrace/fsm/state"

// Effective returns the settings that hold for a run: those of its submission over what it inherits.
func Effective(inherited state.Settings, submission *state.Submission) state.Settings {
	return state.Settings{
		Configuration: classifications(inherited.Configuration, submission.Configuration),
		Monitoring:    monitoring(inherited.Monitoring, submission.Monitoring),
	}
}

// classifications keeps the application's order, then the run's.
func classifications(inherited, own []state.Configuration) (merged []state.Configuration) {
	replaced := map[string]bool{}
	for _, c := range inherited {
		if mine := find(own, c.Classification); mine != nil {
			c, replaced[c.Classification] = *mine, true
		}
		if len(c.Properties) > 0 {
			merged = append(merged, c)
		}
	}
	for _, c := range own {
		if !replaced[c.Classification] && len(c.Properties) > 0 {
			merged = append(merged, c)
		}
	}
	return merged
}

func find(all []state.Configuration, classification string) *state.Configuration {
	for i := range all {
		if all[i].Classification == classification {
			return &all[i]
		}
	}
	return nil
}

// Properties returns the properties of a classification; nil if there is none.
func Properties(all []state.Configuration, classification string) map[string]string {
	if c := find(all, classification); c != nil {
		return c.Properties
	}
	return nil
}

// Field is the field of a request that decided on a classification: the run's, if it says anything of it, else the application's.
func Field(submission *state.Submission, classification string) string {
	if find(submission.Configuration, classification) != nil {
		return "configuration." + classification
	}
	return "runtime_configuration." + classification
}
