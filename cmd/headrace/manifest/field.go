package manifest

import (
	"reflect"
	"strings"
)

// fieldsOf returns the fields of a shape by their names in files.
func fieldsOf(shape reflect.Type) map[string]int {
	fields := map[string]int{}
	for i := range shape.NumField() {
		if name := nameOf(shape.Field(i)); name != "" {
			fields[name] = i
		}
	}
	return fields
}

// nameOf returns a field's name in files; empty if it is not in files.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

func names(fields map[string]int) []string {
	all := make([]string, 0, len(fields))
	for name := range fields {
		all = append(all, name)
	}
	return all
}

func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// join adds a field to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyed adds a user's own key to a path; such a key may hold dots.
func keyed(path, key string) string { return path + "[" + key + "]" }
