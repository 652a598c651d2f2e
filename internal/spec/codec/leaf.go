package codec

import (
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Leaf is one value of a message.
type Leaf struct {
	Path  string // of the dialect File
	Key   string // of the entry of a map that it is; empty: it is none
	Text  string
	Steps []Step // to it, from the message
}

// Step is a step to a value: into a field, or into an entry or an element of the field before it.
type Step struct {
	Field protoreflect.FieldDescriptor // nil: into an entry or an element
	Key   string                       // of the entry; of the element its name, or else its index
}

// Leaves lists the values of a message in the order of its fields, those of maps by key. Classifications are known by
// their names, not by their indexes, so that two lists of them can be compared. What is there without a value is {}: it
// may mean something.
func Leaves(m proto.Message) []Leaf { return leavesOf(nil, m.ProtoReflect(), nil) }

// leavesOf lists the values of a message but for one field.
func leavesOf(at trail, m protoreflect.Message, without protoreflect.FieldDescriptor) []Leaf {
	md := m.Descriptor()
	if md.FullName() == timeName {
		return []Leaf{at.leaf(File.time(timeOf(m)).Text)}
	}
	if bare := bareField(md); bare != nil {
		return fieldLeaves(at, m.Get(bare), bare)
	}
	var all []Leaf
	for i := range md.Fields().Len() {
		if fd := md.Fields().Get(i); m.Has(fd) && fd != without {
			all = append(all, fieldLeaves(at.into(fd), m.Get(fd), fd)...)
		}
	}
	return all
}

// fieldLeaves lists the values of a field.
func fieldLeaves(at trail, v protoreflect.Value, fd protoreflect.FieldDescriptor) []Leaf {
	switch {
	case fd.IsMap():
		return mapLeaves(at, v.Map(), fd)
	case fd.IsList():
		return listLeaves(at, v.List(), fd)
	}
	return singleLeaves(at, v, fd, nil)
}

// mapLeaves lists the values of a map.
func mapLeaves(at trail, m protoreflect.Map, fd protoreflect.FieldDescriptor) []Leaf {
	var all []Leaf
	for _, key := range keysOf(m) {
		value := m.Get(protoreflect.ValueOfString(key).MapKey())
		entry := at.to(key)
		leaves := singleLeaves(entry, value, fd.MapValue(), nil)
		if len(leaves) == 1 && len(leaves[0].Steps) == len(entry) {
			leaves[0].Key = key
		}
		all = append(all, leaves...)
	}
	return all
}

// listLeaves lists the values of a list.
func listLeaves(at trail, l protoreflect.List, fd protoreflect.FieldDescriptor) []Leaf {
	var all []Leaf
	for i := range l.Len() {
		key, name := keyOf(l.Get(i), fd)
		if name == nil {
			key = strconv.Itoa(i)
		}
		all = append(all, singleLeaves(at.to(key), l.Get(i), fd, name)...)
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
func singleLeaves(at trail, v protoreflect.Value, fd, without protoreflect.FieldDescriptor) []Leaf {
	if fd.Message() == nil {
		if n := File.single(v, fd); n != nil {
			return []Leaf{at.leaf(n.Text)}
		}
		return nil
	}
	all := leavesOf(at, v.Message(), without)
	if len(all) == 0 {
		return []Leaf{at.leaf("{}")}
	}
	return all
}

// trail is where a value stands. It is never changed, so that leaves can share it.
type trail []Step

// into returns the trail of a field.
func (t trail) into(fd protoreflect.FieldDescriptor) trail {
	return append(slices.Clip(t), Step{Field: fd})
}

// to returns the trail of an entry or an element.
func (t trail) to(key string) trail { return append(slices.Clip(t), Step{Key: key}) }

// leaf returns the value that stands there.
func (t trail) leaf(text string) Leaf {
	path := ""
	for _, step := range t {
		if step.Field != nil {
			path = dotted(path, step.Field.JSONName())
		} else {
			path = File.key(path, step.Key)
		}
	}
	return Leaf{Path: path, Text: text, Steps: t}
}
