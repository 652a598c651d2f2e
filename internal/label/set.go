package label

import (
	"slices"
	"strings"
)

// Set is constraints that all have to hold. The zero value lets every node in.
type Set struct {
	all  []Constraint // in the order of how they are written, each once
	text string       // tells sets apart that mean something else
}

// SetOf returns the set of constraints.
func SetOf(constraints ...Constraint) Set {
	all := slices.Clone(constraints)
	slices.SortFunc(all, func(x, y Constraint) int { return strings.Compare(x.String(), y.String()) })
	all = slices.CompactFunc(all, func(x, y Constraint) bool { return x.String() == y.String() })
	texts := make([]string, 0, len(all))
	for i := range all {
		texts = append(texts, all[i].String())
	}
	return Set{all, strings.Join(texts, " and ")}
}

// Holds says whether a node meets all constraints.
func (s *Set) Holds(n *Node) bool {
	for i := range s.all {
		if !s.all[i].Holds(n) {
			return false
		}
	}
	return true
}

// String writes the set for people; sets that are written alike are the same. It is empty if it lets every node in.
func (s *Set) String() string { return s.text }

// All returns the constraints; nobody changes them.
func (s *Set) All() []Constraint { return s.all }
