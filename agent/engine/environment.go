package engine

import (
	"maps"
	"slices"
)

// Environment returns variables as a program is given them: NAME=value, ordered by name.
func Environment(variables map[string]string) []string {
	all := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		all = append(all, name+"="+variables[name])
	}
	return all
}
