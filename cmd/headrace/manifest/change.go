package manifest

import (
	"reflect"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
)

// Change is one value that differs.
type Change struct {
	Path     string // such as maximumCapacity.cpu
	Old, New string // for people: values that look like secrets are hidden
	Op       Op
}

// Op is what happens to a value.
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

// Compare returns what makes an application of the cluster like the one of a file, with all defaults written out.
func (a *Application) Compare(current *Application) []Change {
	return compare(flatten("", reflect.ValueOf(*current.Full())), flatten("", reflect.ValueOf(*a.Full())))
}

// All returns every value that the file says, as additions: what is created.
func (a *Application) All() []Change { return compare(nil, flatten("", reflect.ValueOf(*a))) }

// All returns every value that the file says, as additions: what is started.
func (r *JobRun) All() []Change { return compare(nil, flatten("", reflect.ValueOf(*r))) }

// compare lists removals and alterations in the order of before, then additions in the order of after.
func compare(before, after []leaf) []Change {
	var changes []Change
	old := map[string]bool{}
	wanted := map[string]string{}
	for _, l := range after {
		wanted[l.path] = l.value
	}
	for _, l := range before {
		old[l.path] = true
		value, stays := wanted[l.path]
		switch {
		case !stays:
			changes = append(changes, Change{Path: l.path, Old: hidden(l.path, l.value), Op: Remove})
		case value != l.value:
			changes = append(changes, Change{Path: l.path, Old: hidden(l.path, l.value), New: hidden(l.path, value), Op: Alter})
		}
	}
	for _, l := range after {
		if !old[l.path] {
			changes = append(changes, Change{Path: l.path, New: hidden(l.path, l.value), Op: Add})
		}
	}
	return changes
}

// hidden returns a value for people.
func hidden(path, value string) string {
	switch {
	case strings.HasPrefix(path, "tags["):
		return value
	case strings.HasSuffix(path, "]"):
		return output.HideValue(lastKey(path), value)
	}
	return output.HideWords(value)
}

// lastKey returns the key in the last brackets of a path.
func lastKey(path string) string {
	return strings.TrimSuffix(path[strings.LastIndex(path, "[")+1:], "]")
}
