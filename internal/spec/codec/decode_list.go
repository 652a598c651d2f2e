package codec

import "google.golang.org/protobuf/reflect/protoreflect"

// list fills a list of a message.
func (d *decoder) list(n *Node, m protoreflect.Message, fd protoreflect.FieldDescriptor) {
	if !d.is(n, List, "a list", "give a list") {
		return
	}
	list := m.Mutable(fd).List()
	for i, element := range n.Elements {
		d.at(segment{kind: toElement, index: i}, func() { list.Append(d.element(element, fd, list.NewElement())) })
	}
}

// dictionary fills a map.
func (d *decoder) dictionary(n *Node, m protoreflect.Map, fd protoreflect.FieldDescriptor) {
	if !d.is(n, Object, "an object", "give names with values") {
		return
	}
	for _, member := range n.Members {
		at := segment{kind: toKey, name: member.Name}
		key := protoreflect.ValueOfString(member.Name).MapKey()
		if d.dialect == File && m.Has(key) {
			d.twice(at, member)
		}
		d.at(at, func() { m.Set(key, d.element(member.Value, fd, m.NewValue())) })
	}
}

// element returns an element of the list or a value of the map that a field is; unset is the value without content.
func (d *decoder) element(n *Node, fd protoreflect.FieldDescriptor, unset protoreflect.Value) protoreflect.Value {
	if d.absent(n) {
		return unset
	}
	of := fd
	if fd.IsMap() {
		of = fd.MapValue()
	}
	if of.Message() != nil {
		d.message(n, unset.Message())
		return unset
	}
	if isLine(fd) && d.dialect == API && d.empty(n, of) {
		return unset
	}
	if value, ok := d.scalar(n, of); ok {
		return value
	}
	return unset
}
