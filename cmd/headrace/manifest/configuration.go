package manifest

import (
	"maps"
	"slices"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Configuration is one classification with its properties.
type Configuration struct {
	Classification string            `yaml:"classification,omitempty"`
	Properties     map[string]string `yaml:"properties,omitempty"`
	Configurations []Configuration   `yaml:"configurations,omitempty"`
}

// key is what distinguishes it in a list.
func (c Configuration) key() string { return c.Classification }

func configurations(list []Configuration) []*controlv1.Configuration {
	var all []*controlv1.Configuration
	for _, c := range list {
		all = append(all, &controlv1.Configuration{Classification: c.Classification, Properties: c.Properties,
			Configurations: configurations(c.Configurations)})
	}
	return all
}

func configurationsOf(list []*controlv1.Configuration) []Configuration {
	var all []Configuration
	for _, c := range list {
		all = append(all, Configuration{Classification: c.GetClassification(), Properties: maps.Clone(c.GetProperties()),
			Configurations: configurationsOf(c.GetConfigurations())})
	}
	return all
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
