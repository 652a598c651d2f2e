package output

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// AddAll adds every value that a message has: a group for each message in it, and a row for each other field, which has
// a line for each text of a list or a map. An empty row stands before them. It asks the message's descriptor, so a new
// field needs nothing here. Values that look like secrets are hidden.
func (f *Fields) AddAll(m proto.Message) {
	var last []codec.Step
	for i, leaf := range codec.Leaves(WithoutSecrets(m)) {
		if i == 0 && len(f.rows) > 0 {
			f.put("", "")
		}
		row, line := rowOf(leaf)
		if slices.Equal(row, last) {
			f.extend(line)
			continue
		}
		f.group(last, row)
		f.put(indented(row), line)
		last = row
	}
}

// group adds the groups that a row is in, but not those that the last row was in, too.
func (f *Fields) group(last, row []codec.Step) {
	for depth := 1; depth < len(row); depth++ {
		if len(last) > depth && slices.Equal(last[:depth], row[:depth]) {
			continue
		}
		f.put(indented(row[:depth]), "")
	}
}

// rowOf returns the row that a value stands in, by the steps to it, and its text. Texts of one list or map stand in one
// row, each in a line of its own.
func rowOf(leaf codec.Leaf) (row []codec.Step, line string) {
	above := len(leaf.Steps) - 1
	switch {
	case leaf.Key != "":
		return leaf.Steps[:above], one(leaf.Key + "=" + leaf.Text)
	case above > 0 && isTexts(leaf.Steps[above-1].Field):
		return leaf.Steps[:above], one(leaf.Text)
	}
	return leaf.Steps, leaf.Text
}

// isTexts says whether a field is a list of single values.
func isTexts(field protoreflect.FieldDescriptor) bool {
	return field != nil && field.IsList() && field.Message() == nil
}

// indented returns the name of a row or a group, as far to the right as it is deep.
func indented(steps []codec.Step) string {
	last := steps[len(steps)-1]
	name := last.Key
	if last.Field != nil {
		name = label(last.Field)
	}
	return strings.Repeat("  ", len(steps)-1) + name
}

// label returns a field's name for people, such as Idle timeout minutes. What has a unit is written with it, so its
// name does not say the unit.
func label(field protoreflect.FieldDescriptor) string {
	words := strings.Split(string(field.Name()), "_")
	if unit, _ := proto.GetExtension(field.Options(), specv1.E_Unit).(specv1.Unit); unit != 0 {
		words = []string{field.JSONName()}
	}
	for i, word := range words {
		if capitals, known := abbreviations[word]; known {
			words[i] = capitals
		}
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// abbreviations are words of names that people write in capitals.
var abbreviations = map[string]string{
	"arn":  "ARN",
	"arns": "ARNs",
	"cpu":  "CPU",
	"id":   "ID",
	"ids":  "IDs",
	"uri":  "URI",
	"url":  "URL",
}
