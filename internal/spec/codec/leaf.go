package codec

import (
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Leaf is one value of a message.
type Leaf struct {
	Path string // of the dialect File
	Key  string // of the entry of a map that it is; empty: it is none
	Text string
}

// Leaves lists the values of a message in the order of its fields, those of maps by key. Classifications are known by
// their names, not by their indexes, so that two lists of them can be compared. What is there without a value is {}: it
// may mean something.
func Leaves(m proto.Message) []Leaf { return leavesOf("", m.ProtoReflect(), nil) }

// leavesOf lists the values of a message but for one field.
func leavesOf(path string, m protoreflect.Message, without protoreflect.FieldDescriptor) []Leaf {
	md := m.Descriptor()
	if md.FullName() == timeName {
		return []Leaf{{Path: path, Text: File.time(timeOf(m)).Text}}
	}
	if bare := bareField(md); bare != nil {
		return fieldLeaves(path, m.Get(bare), bare)
	}
	var all []Leaf
	for i := range md.Fields().Len() {
		if fd := md.Fields().Get(i); m.Has(fd) && fd != without {
			all = append(all, fieldLeaves(dotted(path, fd.JSONName()), m.Get(fd), fd)...)
		}
	}
	return all
}

// fieldLeaves lists the values of a field.
func fieldLeaves(path string, v protoreflect.Value, fd protoreflect.FieldDescriptor) []Leaf {
	var all []Leaf
	switch {
	case fd.IsMap():
		for _, key := range keysOf(v.Map()) {
			value := v.Map().Get(protoreflect.ValueOfString(key).MapKey())
			leaves := singleLeaves(File.key(path, key), value, fd.MapValue(), nil)
			if len(leaves) == 1 && leaves[0].Path == File.key(path, key) {
				leaves[0].Key = key
			}
			all = append(all, leaves...)
		}
	case fd.IsList():
		for i := range v.List().Len() {
			key, name := keyOf(v.List().Get(i), fd)
			if name == nil {
				key = strconv.Itoa(i)
			}
			all = append(all, singleLeaves(File.key(path, key), v.List().Get(i), fd, name)...)
		}
	default:
		return singleLeaves(path, v, fd, nil)
	}
	return all
}

// keyOf returns the name by which an element of a list is known, and its field; no field if it is known by its index.
func keyOf(v protoreflect.Value, fd protoreflect.FieldDescriptor) (string, protoreflect.FieldDescriptor) {
	if fd.Message() == nil {
		return "", nil
	}
	name := fd.Message().Fields().ByName(classification)
	if name == nil {
		return "", nil
	}
	return v.Message().Get(name).String(), name
}

// classification is the field by which elements of a list are known.
const classification = "classification"

// singleLeaves lists the values of one value.
func singleLeaves(path string, v protoreflect.Value, fd, without protoreflect.FieldDescriptor) []Leaf {
	if fd.Message() == nil {
		if n := File.single(v, fd); n != nil {
			return []Leaf{{Path: path, Text: n.Text}}
		}
		return nil
	}
	all := leavesOf(path, v.Message(), without)
	if len(all) == 0 {
		return []Leaf{{Path: path, Text: "{}"}}
	}
	return all
}
