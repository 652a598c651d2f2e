package codec

import (
	"regexp"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// snake matches what may be a name in a proto; what stands in quotes is a user's.
var snake = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[a-z0-9]+(?:_[a-z0-9]+)+`)

// Words returns a message for people in which names of fields in the proto are those of the dialects, such as
// sparkSubmit for spark_submit. The fields are those below a message; what stands in quotes stays.
func Words(md protoreflect.MessageDescriptor, text string) string {
	return snake.ReplaceAllStringFunc(text, func(word string) string {
		if fd := fieldBelow(md, protoreflect.Name(word), map[protoreflect.FullName]bool{}); fd != nil {
			return fd.JSONName()
		}
		return word
	})
}

// fieldBelow returns the first field of a name in a message, or in one of those below it.
func fieldBelow(md protoreflect.MessageDescriptor, name protoreflect.Name,
	seen map[protoreflect.FullName]bool,
) protoreflect.FieldDescriptor {
	if md == nil || seen[md.FullName()] {
		return nil
	}
	seen[md.FullName()] = true
	if fd := md.Fields().ByName(name); fd != nil {
		return fd
	}
	for i := range md.Fields().Len() {
		of := md.Fields().Get(i)
		if of.IsMap() {
			of = of.MapValue()
		}
		if fd := fieldBelow(of.Message(), name, seen); fd != nil {
			return fd
		}
	}
	return nil
}
