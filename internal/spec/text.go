package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/printable"
)

// check holds a message to what no rule of protovalidate says: its texts are texts, its enums have the words that there
// are, and it has no field that this version does not know. What it finds is the same every time; nil: nothing is
// wrong.
func (o *outline) check(m protoreflect.Message) *found {
	if len(m.GetUnknown()) > 0 {
		return &found{what: "it has a field that this version does not know; upgrade the servers, or leave the field out"}
	}
	for _, f := range o.fields {
		if !m.Has(f.field) {
			continue
		}
		if wrong := f.check(m.Get(f.field)); wrong != nil {
			return wrong.below("." + f.name)
		}
	}
	return nil
}

func (f *outlined) check(value protoreflect.Value) *found {
	switch {
	case f.keys:
		return f.checkMap(value.Map())
	case f.field.IsList():
		return f.checkList(value.List())
	case f.below != nil:
		return f.below.check(value.Message())
	case f.enum != nil && f.enum.ByNumber(value.Enum()) == nil:
		return &found{what: fmt.Sprintf("%d is none of %s", value.Enum(), enumNames(f.enum))}
	case f.text:
		return f.checkText(value.String())
	}
	return nil
}

func (f *outlined) checkText(text string) *found {
	problem := textProblem(text, f.line)
	if problem == "" && f.solid && blank(text) {
		problem = f.emptyWords()
	}
	return finding(problem)
}

func (f *outlined) checkList(list protoreflect.List) *found {
	for i := range list.Len() {
		var wrong *found
		switch {
		case f.below != nil:
			wrong = f.below.check(list.Get(i).Message())
		case f.text:
			wrong = finding(textProblem(list.Get(i).String(), f.line))
		}
		if wrong != nil {
			return wrong.below(indexed(i))
		}
	}
	return nil
}

// checkMap returns what is wrong at the least key: a map has no order.
func (f *outlined) checkMap(entries protoreflect.Map) (first *found) {
	least := ""
	entries.Range(func(k protoreflect.MapKey, value protoreflect.Value) bool {
		key := k.String()
		if first != nil && key >= least {
			return true
		}
		if wrong := f.checkEntry(key, value); wrong != nil {
			first = wrong.below(keyed(key))
			least = key
		}
		return true
	})
	return first
}

func (f *outlined) checkEntry(key string, value protoreflect.Value) *found {
	if problem := textProblem(key, f.line || f.lineKeys); problem != "" {
		return finding("the key " + quoted(key) + ": " + problem)
	}
	switch {
	case f.solid && blank(key):
		return finding("the key " + quoted(key) + " is nothing but space")
	case f.below != nil:
		return f.below.check(value.Message())
	case f.text:
		if problem := textProblem(value.String(), f.line); problem != "" {
			return finding("the value of " + quoted(key) + ": " + problem)
		}
	}
	return nil
}

// textProblem says what is wrong with a text, whatever it is for; line: it stands in one line, on terminals. Empty:
// nothing is.
func textProblem(text string, line bool) string {
	if plain(text) {
		return ""
	}
	switch {
	case !utf8.ValidString(text):
		return "it is no valid UTF-8"
	case strings.IndexByte(text, 0) >= 0:
		return "it holds a zero byte"
	case !line:
		return ""
	}
	if problem := printable.Check(text); problem != "" {
		return problem + "; names are shown on terminals, so leave it out"
	}
	return ""
}

// plain says whether a text is printable ASCII, as most are: the cheap way past all questions.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// enumNames lists an enum's words as people write them: without what all have in common, and without the one that says
// nothing.
func enumNames(values protoreflect.EnumValueDescriptors) string {
	var names []string
	prefix := strings.TrimSuffix(string(values.ByNumber(0).Name()), "UNSPECIFIED")
	for i := range values.Len() {
		if v := values.Get(i); v.Number() != 0 {
			names = append(names, strings.TrimPrefix(string(v.Name()), prefix))
		}
	}
	return strings.Join(names, ", ")
}
