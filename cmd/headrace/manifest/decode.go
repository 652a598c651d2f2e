package manifest

import (
	"fmt"
	"reflect"
	"strconv"

	"gopkg.in/yaml.v3"
)

// The bounds of what is decoded, so that a small file with aliases cannot become a large one.
const (
	mostNodes = 100_000
	mostDepth = 100
)

// setter is an amount, which reads itself from a text.
type setter interface{ Set(text string) error }

// decoder fills shapes from YAML, of which JSON is a part. It goes on after a problem, so that one run tells all of them.
type decoder struct {
	source   string
	problems []Problem
	nodes    int
	lines    map[string]int // where a path stands
}

func newDecoder(source string) *decoder { return &decoder{source: source, lines: map[string]int{}} }

func (d *decoder) problem(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{Source: d.source, Line: n.Line, Path: path, Text: fmt.Sprintf(format, args...)})
}

// value decodes a node into a value that can be set.
func (d *decoder) value(n *yaml.Node, into reflect.Value, path string, depth int) {
	if d.nodes++; d.nodes > mostNodes || depth > mostDepth {
		if d.nodes <= mostNodes+1 {
			d.nodes = mostNodes + 1 // told once
			d.problem(n, path, "cannot be so large: all files together have at most %d values, %d deep", mostNodes, mostDepth)
		}
		return
	}
	d.lines[path] = n.Line
	if n.Kind == yaml.AliasNode {
		d.value(n.Alias, into, path, depth+1)
		return
	}
	if n.Tag == "!!null" {
		d.problem(n, path, "cannot be without a value: give one, or leave the line out")
		return
	}
	if s, ok := into.Addr().Interface().(setter); ok {
		d.amount(n, s, path)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(n, into.Elem(), path, depth+1)
	case reflect.Struct:
		d.object(n, into, path, depth)
	case reflect.Map:
		d.dictionary(n, into, path, depth)
	case reflect.Slice:
		d.list(n, into, path, depth)
	default:
		d.scalar(n, into, path)
	}
}

// object decodes a mapping with fixed names. A name may begin with a capital, as some pages of the API's guide have it.
func (d *decoder) object(n *yaml.Node, into reflect.Value, path string, depth int) {
	fields := fieldsOf(into.Type())
	seen := map[string]bool{}
	d.entries(n, path, func(key, value *yaml.Node) {
		name := lowerFirst(key.Value)
		i, known := fields[name]
		switch {
		case !known:
			d.problem(key, path, "%s", unknown("field", key.Value, names(fields)))
		case seen[name]:
			d.problem(key, join(path, name), "cannot be given twice")
		default:
			d.value(value, into.Field(i), join(path, name), depth+1)
		}
		seen[name] = true
	})
}

func (d *decoder) dictionary(n *yaml.Node, into reflect.Value, path string, depth int) {
	into.Set(reflect.MakeMap(into.Type()))
	d.entries(n, path, func(key, value *yaml.Node) {
		name := reflect.ValueOf(key.Value)
		if into.MapIndex(name).IsValid() {
			d.problem(key, keyed(path, key.Value), "cannot be given twice")
		}
		element := reflect.New(into.Type().Elem()).Elem()
		d.value(value, element, keyed(path, key.Value), depth+1)
		into.SetMapIndex(name, element)
	})
}

// entries calls each for the keys of a mapping, in their order.
func (d *decoder) entries(n *yaml.Node, path string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "cannot be %s: give names with values", kind(n))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		each(n.Content[i], n.Content[i+1])
	}
}

func (d *decoder) list(n *yaml.Node, into reflect.Value, path string, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.problem(n, path, "cannot be %s: give a list", kind(n))
		return
	}
	if len(n.Content) > mostNodes {
		d.problem(n, path, "cannot have %d entries", len(n.Content))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, element := range n.Content {
		d.value(element, into.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
}

func (d *decoder) amount(n *yaml.Node, into setter, path string) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "cannot be %s: give an amount", kind(n))
		return
	}
	if err := into.Set(n.Value); err != nil {
		d.problem(n, path, "%s", err)
	}
}

// scalar decodes a text, a number or a switch. A text may be written as a number: properties often are.
func (d *decoder) scalar(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "cannot be %s: give a single value", kind(n))
		return
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(n.Value)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.problem(n, path, "cannot be %q: true or false", n.Value)
			return
		}
		into.SetBool(n.Value == "true" || n.Value == "True" || n.Value == "TRUE")
	case reflect.Int64:
		number, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			d.problem(n, path, "cannot be %q: give a whole number", n.Value)
			return
		}
		into.SetInt(number)
	case reflect.Uint32:
		number, err := strconv.ParseUint(n.Value, 10, 32)
		if err != nil {
			d.problem(n, path, "cannot be %q: give a whole number from 0 on", n.Value)
			return
		}
		into.SetUint(number)
	default:
		panic("manifest: a shape has a field of the kind " + into.Kind().String())
	}
}

// kind names what a node is.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return strconv.Quote(n.Value)
}
