package hive

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/words"
)

// setting is a value and the field of the request that it came from. A default of the release has no field.
type setting struct{ value, field string }

// levels has every property after the levels were merged.
type levels map[string]setting

// merge puts the levels on top of each other, lowest first.
func merge(in Input, conf map[string]string) levels {
	l := levels{}
	l.add("", releaseDefaults(in.ReleaseLabel))
	for _, site := range in.Under {
		l.add(site.Field, site.Properties)
	}
	l.add(in.SiteField, in.Site)
	l.add(parametersField, conf)
	return l
}

// add puts a level on top. If a property is spelt in both ways, ours wins, in whatever order the map is.
func (l levels) add(field string, level map[string]string) {
	for key, value := range level {
		own := ownSpelling(key)
		if _, both := level[own]; own == key || !both {
			l[own] = setting{value, field}
		}
	}
}

// asked says whether somebody set the property.
func (l levels) asked(key string) bool { return l[key].field != "" }

// text is a property's value without blanks at its ends.
func (l levels) text(key string) string { return strings.TrimSpace(l[key].value) }

// invalid is an error about a property. It repeats the value: call it only for properties that cannot hold a secret.
func (l levels) invalid(key, format string, args ...any) error {
	args = append([]any{key, words.Excerpt(l.text(key))}, args...)
	return errs.Field(l[key].field, "%s=%s: "+format, args...)
}

// flag reads true or false.
func (l levels) flag(key string) (bool, error) {
	switch strings.ToLower(l.text(key)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, l.invalid(key, "write true or false")
}

// count reads a whole number of at least least.
func (l levels) count(key string, least int64) (uint32, error) {
	n, err := strconv.ParseInt(l.text(key), 10, 64)
	if err != nil || n < least || n > maxCount {
		return 0, l.invalid(key, "write a whole number from %d to %d", least, maxCount)
	}
	return uint32(n), nil
}

// maxCount is the largest number that Hive itself can read: its counts are Java integers.
const maxCount = 1<<31 - 1

// sorted returns the names of all properties in order, so that the first error is always the same.
func (l levels) sorted() []string { return slices.Sorted(maps.Keys(l)) }

// final returns the hive-site of the run. Environments are not part of it, since every process has its own.
func (l levels) final() map[string]string {
	out := map[string]string{}
	for key, set := range l {
		if !isEnvironment(key) {
			out[key] = set.value
		}
	}
	return out
}
