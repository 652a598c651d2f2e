package manifest

import (
	"fmt"
	"reflect"
	"strings"
)

// leaf is one value of a shape.
type leaf struct {
	path  string
	value string
}

// flatten lists the values of a shape in the order of its fields, maps by key and keyed lists by their key.
func flatten(path string, v reflect.Value) []leaf {
	if text, ok := v.Interface().(fmt.Stringer); ok && v.Kind() == reflect.Int64 {
		if v.IsZero() {
			return nil
		}
		return []leaf{{path, text.String()}}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if v.Elem().Kind() != reflect.Struct {
			return []leaf{{path, fmt.Sprint(v.Elem().Interface())}} // given, so it is told even if it is 0 or false
		}
		return present(path, flatten(path, v.Elem()))
	case reflect.Struct:
		var all []leaf
		for i := range v.NumField() {
			all = append(all, flatten(join(path, nameOf(v.Type().Field(i))), v.Field(i))...)
		}
		return all
	case reflect.Map:
		return flattenMap(path, v)
	case reflect.Slice:
		return flattenList(path, v)
	case reflect.String:
		if v.String() == "" && !strings.HasSuffix(path, "]") { // an empty value of a user's key is one
			return nil
		}
	case reflect.Int64, reflect.Uint32:
		if v.IsZero() {
			return nil
		}
	}
	return []leaf{{path, fmt.Sprint(v.Interface())}}
}

// present keeps what is there without a value: {} means something in these shapes.
func present(path string, leaves []leaf) []leaf {
	if len(leaves) == 0 {
		return []leaf{{path, "{}"}}
	}
	return leaves
}

func flattenMap(path string, v reflect.Value) []leaf {
	byKey := map[string]reflect.Value{}
	for _, key := range v.MapKeys() {
		byKey[key.String()] = v.MapIndex(key)
	}
	var all []leaf
	for _, key := range sortedKeys(byKey) {
		all = append(all, flatten(keyed(path, key), byKey[key])...)
	}
	return all
}

func flattenList(path string, v reflect.Value) []leaf {
	var all []leaf
	for i := range v.Len() {
		at := fmt.Sprintf("%s[%d]", path, i)
		c, isConfiguration := v.Index(i).Interface().(Configuration)
		if !isConfiguration {
			all = append(all, flatten(at, v.Index(i))...)
			continue
		}
		at = keyed(path, c.key())
		c.Classification = ""
		all = append(all, present(at, flatten(at, reflect.ValueOf(c)))...)
	}
	return all
}
