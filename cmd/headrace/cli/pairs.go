package cli

import (
	"maps"
	"slices"
	"strings"
)

// pairs writes a map in the order of its keys.
func pairs(m map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		all = append(all, key+"="+m[key])
	}
	return strings.Join(all, ", ")
}
