package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// Decode reads a body into a shape, which is a pointer to a struct. No body is an empty object. Its errors are Invalid, and name
// the member.
func Decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return unreadable(err)
	}
	var tree any
	reader := json.NewDecoder(bytes.NewReader(body))
	reader.UseNumber()
	if err := reader.Decode(&tree); err != nil {
		return unreadable(err)
	}
	if err := checkText(body, tree); err != nil {
		return err
	}
	return check(reflect.TypeOf(into), tree, "", rule{})
}

// unreadable says where a body is not what it should be.
func unreadable(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		if kind.Field == "" {
			return errs.New(errs.Invalid, "cannot read the body: it is a JSON %s, and a JSON object is needed", kind.Value)
		}
		return errs.Field(kind.Field, "a JSON %s is given, and %s is needed", kind.Value, wanted(kind.Type))
	}
	return errs.New(errs.Invalid, "cannot read the body as JSON: %v", err)
}

// wanted names a type as people who write JSON do.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return fmt.Sprintf("a whole number that fits in %d bits", t.Bits())
}

// rule is what the tag of a member says.
type rule struct {
	required, blank, bounded bool
	least                    int64
}

func ruleOf(tag string) (r rule) {
	for word := range strings.SplitSeq(tag, ",") {
		switch number, isLeast := strings.CutPrefix(word, "min="); {
		case isLeast:
			r.least, _ = strconv.ParseInt(number, 10, 64)
			r.bounded = true
		case word == "required":
			r.required = true
		case word == "blank":
			r.blank = true
		}
	}
	return r
}

// check holds the rules of a type over what a body said for it. The body has the right types.
func check(t reflect.Type, said any, path string, r rule) error {
	switch said := said.(type) {
	case nil:
		if r.required {
			return errs.Field(path, "it is missing, and has to be there")
		}
	case string:
		if said == "" && !r.blank {
			return errs.Field(path, "it is empty; write something, or leave it out")
		}
	case json.Number:
		if n, err := said.Int64(); r.bounded && err == nil && n < r.least {
			return errs.Field(path, "%d is below %d", n, r.least)
		}
	case []any:
		for i, each := range said {
			if err := check(elem(t), each, fmt.Sprintf("%s[%d]", path, i), rule{blank: r.blank}); err != nil {
				return err
			}
		}
	case map[string]any:
		return checkObject(t, said, path, r)
	}
	return nil
}

// checkObject checks the members of a struct, or the values of a map.
func checkObject(t reflect.Type, said map[string]any, path string, r rule) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Map {
		for _, key := range slices.Sorted(maps.Keys(said)) {
			if err := check(t.Elem(), said[key], join(path, key), rule{blank: r.blank}); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			if err := checkObject(field.Type, said, path, r); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if err := check(field.Type, said[name], join(path, name), ruleOf(field.Tag.Get("api"))); err != nil {
			return err
		}
	}
	return nil
}

// elem is the type of a list's elements.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Elem()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
