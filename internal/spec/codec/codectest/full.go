package codectest

import (
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Variants is how many messages of one type Full makes that differ: of three of them each member of a oneof is set in
// one, and so is each value of an enum.
const Variants = 3

// maxNested bounds messages that hold messages of their own type.
const maxNested = 2

// Full sets every field of a message, of each oneof one, to values that are allowed for each field alone. It returns
// the message.
func Full[M proto.Message](m M, variant int) M {
	f := &filler{variant: variant}
	f.message(m.ProtoReflect())
	return m
}

type filler struct {
	variant int
	number  int
	index   int // of the message in its list
	nested  map[protoreflect.FullName]int
}

func (f *filler) message(m protoreflect.Message) {
	if f.nested == nil {
		f.nested = map[protoreflect.FullName]int{}
	}
	name := m.Descriptor().FullName()
	f.nested[name]++
	defer func() { f.nested[name]-- }()
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		if one := fd.ContainingOneof(); one != nil && one.Fields().Get(f.variant%one.Fields().Len()) != fd {
			continue
		}
		if fd.Message() != nil && f.nested[fd.Message().FullName()] >= maxNested {
			continue
		}
		f.field(m, fd)
	}
}

func (f *filler) field(m protoreflect.Message, fd protoreflect.FieldDescriptor) {
	switch {
	case fd.IsMap():
		for i, key := range f.keys(fd) {
			value := m.Mutable(fd).Map().NewValue()
			m.Mutable(fd).Map().Set(protoreflect.ValueOfString(key).MapKey(), f.value(value, fd, fd.MapValue(), i))
		}
	case fd.IsList():
		list := m.Mutable(fd).List()
		for i := range 2 {
			list.Append(f.value(list.NewElement(), fd, fd, i))
		}
	case fd.Message() != nil:
		f.message(m.Mutable(fd).Message())
	default:
		m.Set(fd, f.value(protoreflect.Value{}, fd, fd, f.index))
	}
}

// keys are names of workers for maps of messages, and else anything: also what has brackets and dots.
func (f *filler) keys(fd protoreflect.FieldDescriptor) []string {
	if known, is := keys[fd.FullName()]; is {
		return known
	}
	return []string{"a.b", "key[1].name"}
}

// value returns a value for a field, or for one of its elements.
func (f *filler) value(empty protoreflect.Value, of, fd protoreflect.FieldDescriptor, i int) protoreflect.Value {
	f.number++
	switch fd.Kind() {
	case protoreflect.MessageKind:
		before := f.index
		f.index = i
		f.message(empty.Message())
		f.index = before
		return empty
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(f.text(of, i))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(f.variant%2 == 0)
	case protoreflect.EnumKind:
		values := fd.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(1 + f.variant%(values.Len()-1)).Number())
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(f.integer(fd)))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(f.integer(fd))
	}
	panic("codectest: " + string(fd.FullName()) + " has a kind that nobody thought of: add it here")
}

func (f *filler) integer(fd protoreflect.FieldDescriptor) int64 {
	switch proto.GetExtension(fd.Options(), specv1.E_Unit).(specv1.Unit) {
	case specv1.Unit_UNIT_MILLI_CPU:
		return 4000
	case specv1.Unit_UNIT_MEMORY_MIB:
		return 16 << 10
	case specv1.Unit_UNIT_DISK_MIB:
		return 40 << 10
	}
	if number, is := integers[fd.FullName()]; is {
		return number
	}
	return int64(f.variant + 2)
}

func (f *filler) text(fd protoreflect.FieldDescriptor, i int) string {
	text, is := texts[fd.FullName()]
	if !is {
		return "text " + strconv.Itoa(f.number) + ": <é>\n"
	}
	return text[min(i, len(text)-1)]
}
