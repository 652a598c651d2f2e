package codec

import (
	"slices"
	"strings"
)

// Unknown says that a name is not known, and which one may be meant.
func Unknown(what, name string, known []string) string {
	text := "there is no " + what + " " + `"` + name + `"`
	if near := nearest(name, known); near != "" {
		return text + `: is "` + near + `" meant?`
	}
	known = slices.Clone(known)
	slices.Sort(known)
	return text + ": there are " + strings.Join(known, ", ")
}

// nearest returns the known name that a name begins, or the one with the fewest changes to it; empty if all are far
// from it.
func nearest(name string, known []string) string {
	best := ""
	smallest := max(len(name)/2, 2) + 1
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if len(name) > 3 && strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(name)) {
			return candidate
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < smallest {
			best = candidate
			smallest = d
		}
	}
	return best
}

// distance counts the letters that are to be added, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
