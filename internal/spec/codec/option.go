package codec

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// unitOf returns the unit of a field that is a number.
func unitOf(fd protoreflect.FieldDescriptor) specv1.Unit {
	if fd.Kind() != protoreflect.Int64Kind {
		return specv1.Unit_UNIT_UNSPECIFIED
	}
	return proto.GetExtension(fd.Options(), specv1.E_Unit).(specv1.Unit)
}

// isLine says whether the texts of a field name something, and are not a program's own.
func isLine(fd protoreflect.FieldDescriptor) bool {
	return proto.GetExtension(fd.Options(), specv1.E_Line).(bool)
}

// bareField returns the list that a bare message is written as; nil if the message is not bare.
func bareField(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if md.Fields().Len() != 1 || !proto.GetExtension(md.Options(), specv1.E_Bare).(bool) {
		return nil
	}
	return md.Fields().Get(0)
}
