package codec

import (
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// asked keeps the answers of options that are asked for every value: reading one takes longer than writing a value.
// There are as many as fields and messages that were ever written.
var asked sync.Map // descriptor → specv1.Unit of a field; bool of a message that is bare

// unitOf returns the unit of a field that is a number.
func unitOf(fd protoreflect.FieldDescriptor) specv1.Unit {
	if fd.Kind() != protoreflect.Int64Kind {
		return specv1.Unit_UNIT_UNSPECIFIED
	}
	if unit, known := asked.Load(fd); known {
		return unit.(specv1.Unit)
	}
	unit := proto.GetExtension(fd.Options(), specv1.E_Unit).(specv1.Unit)
	asked.Store(fd, unit)
	return unit
}

// isLine says whether the texts of a field name something, and are not a program's own.
func isLine(fd protoreflect.FieldDescriptor) bool {
	return proto.GetExtension(fd.Options(), specv1.E_Line).(bool)
}

// bareField returns the list that a bare message is written as; nil if the message is not bare.
func bareField(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if md.Fields().Len() != 1 || !isBare(md) {
		return nil
	}
	return md.Fields().Get(0)
}

func isBare(md protoreflect.MessageDescriptor) bool {
	if bare, known := asked.Load(md); known {
		return bare.(bool)
	}
	bare := proto.GetExtension(md.Options(), specv1.E_Bare).(bool)
	asked.Store(md, bare)
	return bare
}
