package codec

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Encode returns the tree of a message: the fields that are present in the order of the proto, and maps in the order of
// their keys. A message that is present without fields is an empty object. An amount of 0 and the value of an enum that
// says nothing are not written, because neither dialect has a text for them.
func (d Dialect) Encode(m proto.Message) *Node { return d.message(m.ProtoReflect()) }

func (d Dialect) message(m protoreflect.Message) *Node {
	md := m.Descriptor()
	if bare := bareField(md); bare != nil {
		return d.value(m.Get(bare), bare)
	}
	if md.FullName() == timeName {
		return d.time(timeOf(m))
	}
	n := &Node{Kind: Object}
	n.Members = make([]Member, 0, md.Fields().Len())
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if !m.Has(fd) {
			continue
		}
		if value := d.value(m.Get(fd), fd); value != nil {
			n.Members = append(n.Members, Member{Name: fd.JSONName(), Value: value})
		}
	}
	return n
}

// value returns the tree of a field; nil if it has no text.
func (d Dialect) value(v protoreflect.Value, fd protoreflect.FieldDescriptor) *Node {
	switch {
	case fd.IsMap():
		n := &Node{Kind: Object}
		for _, key := range keysOf(v.Map()) {
			value := d.single(v.Map().Get(protoreflect.ValueOfString(key).MapKey()), fd.MapValue())
			n.Members = append(n.Members, Member{Name: key, Value: value})
		}
		return n
	case fd.IsList():
		n := &Node{Kind: List}
		for i := range v.List().Len() {
			n.Elements = append(n.Elements, d.single(v.List().Get(i), fd))
		}
		return n
	}
	return d.single(v, fd)
}

// keysOf returns the keys of a map in order.
func keysOf(m protoreflect.Map) []string {
	keys := make([]string, 0, m.Len())
	m.Range(func(key protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, key.String())
		return true
	})
	slices.Sort(keys)
	return keys
}

// single returns the tree of one value; nil if it has no text.
func (d Dialect) single(v protoreflect.Value, fd protoreflect.FieldDescriptor) *Node {
	if fd.Message() != nil {
		return d.message(v.Message())
	}
	if unit := unitOf(fd); unit != specv1.Unit_UNIT_UNSPECIFIED {
		return textOrNil(d.Amount(v.Int(), unit))
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		return &Node{Kind: Text, Text: v.String()}
	case protoreflect.EnumKind:
		return textOrNil(enumName(fd.Enum(), v.Enum()))
	case protoreflect.BytesKind:
		return &Node{Kind: Text, Text: base64.StdEncoding.EncodeToString(v.Bytes())}
	case protoreflect.BoolKind:
		return &Node{Kind: Bool, Text: strconv.FormatBool(v.Bool())}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return float(v.Float())
	}
	return &Node{Kind: Number, Text: v.String()}
}

func textOrNil(text string) *Node {
	if text == "" {
		return nil
	}
	return &Node{Kind: Text, Text: text}
}

// float writes a number as encoding/json does; what is no number has no text.
func float(number float64) *Node {
	text, err := json.Marshal(number)
	if err != nil {
		return nil
	}
	return &Node{Kind: Number, Text: string(text)}
}
