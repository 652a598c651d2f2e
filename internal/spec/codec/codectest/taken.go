package codectest

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/spec/support"
)

// Taken takes out of a message what a cluster refuses because nothing acts on it: switches are off, all else is gone.
// It returns the message.
func Taken[M proto.Message](m M) M {
	take(m.ProtoReflect(), support.RefusedFields())
	return m
}

func take(m protoreflect.Message, refused map[protoreflect.FullName]bool) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case refused[fd.FullName()] && fd.Kind() == protoreflect.BoolKind:
			m.Set(fd, protoreflect.ValueOfBool(false))
		case refused[fd.FullName()]:
			m.Clear(fd)
		case fd.IsMap() && fd.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				take(v.Message(), refused)
				return true
			})
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				take(v.List().Get(i).Message(), refused)
			}
		case !fd.IsMap() && !fd.IsList() && fd.Message() != nil:
			take(v.Message(), refused)
		}
		return true
	})
}
