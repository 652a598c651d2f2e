package manifest

import (
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec/codec"
)

// Change is one value that differs.
type Change struct {
	Path     string // such as maximumCapacity.cpu
	Old, New string // for people: values that look like secrets are hidden
	Op       Op
}

// Op is what a change does with its value.
type Op string

// The operations.
const (
	Add    Op = "+"
	Remove Op = "-"
	Alter  Op = "~"
)

// Field returns the field of the spec that the value belongs to.
func (c Change) Field() string {
	end := strings.IndexAny(c.Path, ".[")
	if end < 0 {
		return c.Path
	}
	return c.Path[:end]
}

// compare lists removals and alterations in the order of before, then additions in the order of after.
func compare(before, after []codec.Leaf) []Change {
	var changes []Change
	old := map[string]bool{}
	wanted := map[string]codec.Leaf{}
	for _, l := range after {
		wanted[l.Path] = l
	}
	for _, l := range before {
		old[l.Path] = true
		next, stays := wanted[l.Path]
		switch {
		case !stays:
			changes = append(changes, Change{Path: l.Path, Old: hidden(l), Op: Remove})
		case next.Text != l.Text:
			changes = append(changes, Change{
				Path: l.Path,
				Old:  hidden(l),
				New:  hidden(next),
				Op:   Alter,
			})
		}
	}
	for _, l := range after {
		if !old[l.Path] {
			changes = append(changes, Change{Path: l.Path, New: hidden(l), Op: Add})
		}
	}
	return changes
}

// hidden returns a value for people.
func hidden(l codec.Leaf) string {
	switch {
	case strings.HasPrefix(l.Path, "tags["):
		return l.Text
	case l.Key != "":
		return output.HideValue(l.Key, l.Text)
	}
	return output.HideWords(l.Text)
}
