package codec

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// is says whether a node is of a kind, and notes a problem if it is not: what is needed, in the words of each dialect.
// In files a single value is taken for any other.
func (d *decoder) is(n *Node, kind Kind, needed, give string) bool {
	if n.Kind == kind || d.dialect == File && single(n.Kind) && single(kind) {
		return true
	}
	switch {
	case d.dialect == File:
		d.problem(n.Line, "cannot be %s: %s", inFile(n), give)
	case len(d.route) == 0 && kind == Object:
		d.problem(n.Line, "cannot read the body: it is a JSON %s, and a JSON object is needed", inJSON(n.Kind))
	default:
		d.problem(n.Line, "a JSON %s is given, and %s is needed", inJSON(n.Kind), needed)
	}
	return false
}

func single(kind Kind) bool { return kind == Bool || kind == Number || kind == Text }

// inFile names what a node is, for people who write files.
func inFile(n *Node) string {
	switch n.Kind {
	case Object:
		return "an object"
	case List:
		return "a list"
	}
	return fmt.Sprintf("%.60q", n.Text)
}

// inJSON names a kind as JSON does.
func inJSON(kind Kind) string {
	return [...]string{
		Null:   "null",
		Bool:   "bool",
		Number: "number",
		Text:   "string",
		List:   "array",
		Object: "object",
	}[kind]
}

const aSingleValue = "give a single value"

// scalar reads a single value of a field's kind.
func (d *decoder) scalar(n *Node, fd protoreflect.FieldDescriptor) (protoreflect.Value, bool) {
	if unit := unitOf(fd); unit != specv1.Unit_UNIT_UNSPECIFIED {
		return d.amount(n, unit)
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(n.Text), d.is(n, Text, "a string", aSingleValue)
	case protoreflect.BoolKind:
		return d.bool(n)
	case protoreflect.EnumKind:
		return d.enum(n, fd.Enum())
	case protoreflect.BytesKind:
		return d.bytes(n)
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return d.float(n, fd.Kind())
	}
	return d.integer(n, fd.Kind())
}

// writtenAsText says whether a field is written as a text.
func writtenAsText(fd protoreflect.FieldDescriptor) bool {
	switch fd.Kind() {
	case protoreflect.StringKind, protoreflect.EnumKind, protoreflect.BytesKind:
		return true
	}
	return unitOf(fd) != specv1.Unit_UNIT_UNSPECIFIED
}

func (d *decoder) bool(n *Node) (protoreflect.Value, bool) {
	if !d.is(n, Bool, "true or false", aSingleValue) {
		return protoreflect.Value{}, false
	}
	if n.Kind != Bool {
		d.problem(n.Line, "cannot be %.60q: true or false", n.Text)
		return protoreflect.Value{}, false
	}
	return protoreflect.ValueOfBool(n.Text == "true" || n.Text == "True" || n.Text == "TRUE"), true
}

func (d *decoder) bytes(n *Node) (protoreflect.Value, bool) {
	if !d.is(n, Text, "a string", aSingleValue) {
		return protoreflect.Value{}, false
	}
	raw, err := base64.StdEncoding.DecodeString(n.Text)
	if err != nil {
		d.problem(n.Line, "cannot be %.60q: give bytes as base64", n.Text)
	}
	return protoreflect.ValueOfBytes(raw), err == nil
}

func (d *decoder) float(n *Node, kind protoreflect.Kind) (protoreflect.Value, bool) {
	if !d.is(n, Number, "a number", aSingleValue) {
		return protoreflect.Value{}, false
	}
	bits := 64
	if kind == protoreflect.FloatKind {
		bits = 32
	}
	number, err := strconv.ParseFloat(n.Text, bits)
	if err != nil {
		d.number(n, "a number", "give a number")
		return protoreflect.Value{}, false
	}
	if bits == 32 {
		return protoreflect.ValueOfFloat32(float32(number)), true
	}
	return protoreflect.ValueOfFloat64(number), true
}

func (d *decoder) integer(n *Node, kind protoreflect.Kind) (protoreflect.Value, bool) {
	bits, signed := sizeOf(kind)
	needed := "a whole number that fits in " + strconv.Itoa(bits) + " bits"
	give := "give a whole number"
	if !signed {
		needed = "a whole number from 0 on that fits in " + strconv.Itoa(bits) + " bits"
		give = "give a whole number from 0 on"
	}
	if !d.is(n, Number, needed, aSingleValue) {
		return protoreflect.Value{}, false
	}
	value, err := parseInteger(n.Text, bits, signed)
	if errors.Is(err, strconv.ErrRange) {
		give = "give " + needed
	}
	if err != nil {
		d.number(n, needed, give)
	}
	return value, err == nil
}

// number notes that a number is not one of those that are needed.
func (d *decoder) number(n *Node, needed, give string) {
	if d.dialect == File {
		d.problem(n.Line, "cannot be %.60q: %s", n.Text, give)
		return
	}
	d.problem(n.Line, "a JSON number %.60s is given, and %s is needed", n.Text, needed)
}

func sizeOf(kind protoreflect.Kind) (bits int, signed bool) {
	switch kind {
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return 32, false
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return 64, false
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return 64, true
	}
	return 32, true
}

func parseInteger(text string, bits int, signed bool) (protoreflect.Value, error) {
	if signed {
		number, err := strconv.ParseInt(text, 10, bits)
		if bits == 32 {
			return protoreflect.ValueOfInt32(int32(number)), err
		}
		return protoreflect.ValueOfInt64(number), err
	}
	number, err := strconv.ParseUint(text, 10, bits)
	if bits == 32 {
		return protoreflect.ValueOfUint32(uint32(number)), err
	}
	return protoreflect.ValueOfUint64(number), err
}
