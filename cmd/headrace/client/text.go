package client

import (
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
)

// checkTexts holds that the texts of a request are UTF-8: no other can be sent, and what the wire says of one names no
// field.
func checkTexts(request any) error {
	m, is := request.(proto.Message)
	if !is {
		return nil
	}
	if path := badText(m.ProtoReflect()); path != "" {
		return errs.Field(path[1:], "it is no valid UTF-8")
	}
	return nil
}

// badText returns where in a message a text is no UTF-8, such as .spec.name; empty: nowhere.
func badText(m protoreflect.Message) (path string) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if found, at := badField(field, value); found {
			path = "." + string(field.Name()) + at
		}
		return path == ""
	})
	return path
}

// badField says whether a field has such a text, and where below it.
func badField(field protoreflect.FieldDescriptor, value protoreflect.Value) (found bool, at string) {
	switch {
	case field.IsMap():
		value.Map().Range(func(key protoreflect.MapKey, entry protoreflect.Value) bool {
			found, at = badEntry(field, key.String(), entry)
			return !found
		})
		return found, at
	case field.IsList():
		for i := range value.List().Len() {
			if found, at := badValue(field, value.List().Get(i)); found {
				return true, "[" + strconv.Itoa(i) + "]" + at
			}
		}
		return false, ""
	}
	return badValue(field, value)
}

func badEntry(field protoreflect.FieldDescriptor, key string, value protoreflect.Value) (found bool, at string) {
	found, at = badValue(field.MapValue(), value)
	if !found && utf8.ValidString(key) {
		return false, ""
	}
	return true, "[" + printable.Escape(key, "") + "]" + at
}

func badValue(field protoreflect.FieldDescriptor, value protoreflect.Value) (found bool, at string) {
	switch field.Kind() {
	case protoreflect.StringKind:
		return !utf8.ValidString(value.String()), ""
	case protoreflect.MessageKind, protoreflect.GroupKind:
		at = badText(value.Message())
		return at != "", at
	}
	return false, ""
}
