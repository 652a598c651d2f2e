package property

import (
	"maps"
	"slices"
)

// Level has properties that hold for a run, and the field of a request that they came from.
type Level struct {
	Field      string
	Properties map[string]string
}

// Setting is a value and the field of the request that it came from. A default has no field.
type Setting struct{ Value, Field string }

// Levels has every property after levels were put on top of each other.
type Levels map[string]Setting

// Put puts a level on top. Own gives the spelling of a name that the result has. If a level has a property in that
// spelling and in another one, that spelling wins, in whatever order the map is.
func (l Levels) Put(level Level, own func(name string) string) {
	for key, value := range level.Properties {
		spelling := own(key)
		if _, both := level.Properties[spelling]; spelling == key || !both {
			l[spelling] = Setting{value, level.Field}
		}
	}
}

// Default sets a property to what nobody asked for.
func (l Levels) Default(key, value string) { l[key] = Setting{Value: value} }

// Has says whether a level has the property.
func (l Levels) Has(key string) bool {
	_, has := l[key]
	return has
}

// Asked says whether somebody set the property.
func (l Levels) Asked(key string) bool { return l[key].Field != "" }

// Field returns where the property came from; empty: it is a default, or not set.
func (l Levels) Field(key string) string { return l[key].Field }

// LastField returns the field of the last of the properties that somebody asked for; empty: nobody asked for any.
func (l Levels) LastField(keys ...string) (field string) {
	for _, key := range keys {
		if l.Asked(key) {
			field = l.Field(key)
		}
	}
	return field
}

// Names returns the names of all properties in order, so that the first error is always the same.
func (l Levels) Names() []string { return slices.Sorted(maps.Keys(l)) }
