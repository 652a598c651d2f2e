package manifest

import (
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
)

// Hide replaces the values of properties that look like secrets by output.Hidden, for a file that others may read. Keep undoes it.
func (a *Application) Hide() *Application {
	hidden := *a
	hidden.RuntimeConfiguration = mapValues(a.RuntimeConfiguration, func(_, key, value string) string { return output.HideValue(key, value) })
	return &hidden
}

// Keep replaces output.Hidden by the value that the cluster has now. It returns the paths at which there is none.
func (a *Application) Keep(current *Application) (missing []string) {
	have := map[string]string{}
	if current != nil {
		mapValues(current.RuntimeConfiguration, func(path, _, value string) string { have[path] = value; return value })
	}
	a.RuntimeConfiguration = mapValues(a.RuntimeConfiguration, func(path, key, value string) string {
		if !strings.Contains(value, output.Hidden) {
			return value
		}
		kept, found := have[path]
		if !found || output.HideValue(key, kept) != value {
			missing = append(missing, path)
		}
		return kept
	})
	return missing
}

// mapValues returns a copy of a list with other values; path names a property.
func mapValues(list []Configuration, value func(path, key, value string) string) []Configuration {
	return mapBelow("runtimeConfiguration", list, value)
}

func mapBelow(at string, list []Configuration, value func(path, key, value string) string) []Configuration {
	var all []Configuration
	for _, c := range list {
		path := keyed(at, c.Classification)
		next := Configuration{Classification: c.Classification, Configurations: mapBelow(path+".configurations", c.Configurations, value)}
		for _, key := range sortedKeys(c.Properties) {
			if next.Properties == nil {
				next.Properties = map[string]string{}
			}
			next.Properties[key] = value(keyed(path+".properties", key), key, c.Properties[key])
		}
		all = append(all, next)
	}
	return all
}
