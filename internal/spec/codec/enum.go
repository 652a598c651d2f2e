package codec

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
)

// EnumName writes a value of an enum without the enum's prefix, such as SPARK; empty for the value that says nothing.
func EnumName(value protoreflect.Enum) string { return enumName(value.Descriptor(), value.Number()) }

func enumName(ed protoreflect.EnumDescriptor, number protoreflect.EnumNumber) string {
	if number == 0 {
		return ""
	}
	value := ed.Values().ByNumber(number)
	if value == nil {
		return strconv.Itoa(int(number)) // of a newer version
	}
	return strings.TrimPrefix(string(value.Name()), prefix(ed))
}

// prefix is what the names of all values of an enum begin with, such as ENGINE_.
func prefix(ed protoreflect.EnumDescriptor) string {
	name, unspecified := strings.CutSuffix(string(ed.Values().Get(0).Name()), "UNSPECIFIED")
	if !unspecified {
		return ""
	}
	return name
}

// EnumNumber reads a value of an enum, in any case and with blanks around it. Its error is Invalid, without a field,
// and lists all values.
func EnumNumber(ed protoreflect.EnumDescriptor, text string) (protoreflect.EnumNumber, error) {
	name := strings.ToUpper(strings.TrimSpace(text))
	if value := ed.Values().ByName(protoreflect.Name(prefix(ed) + name)); value != nil && value.Number() != 0 {
		return value.Number(), nil
	}
	return 0, errs.New(errs.Invalid, "cannot be %.60q: %s", text, EnumNames(ed))
}

// EnumNames lists the values of an enum, such as: SPARK, HIVE or PROCESS.
func EnumNames(ed protoreflect.EnumDescriptor) string {
	var names []string
	for i := range ed.Values().Len() {
		if value := ed.Values().Get(i); value.Number() != 0 {
			names = append(names, enumName(ed, value.Number()))
		}
	}
	return enumerate(names, "or")
}

func (d *decoder) enum(n *Node, ed protoreflect.EnumDescriptor) (protoreflect.Value, bool) {
	if !d.is(n, Text, "a string", aSingleValue) {
		return protoreflect.Value{}, false
	}
	number, err := EnumNumber(ed, n.Text)
	if err != nil {
		d.problem(n.Line, "%s", err)
	}
	return protoreflect.ValueOfEnum(number), err == nil
}
