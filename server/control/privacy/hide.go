package privacy

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/mask"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Reader is what a caller may read.
type Reader struct {
	// May says whether it may read what is private of what somebody created.
	May func(createdBy string) bool
	// SubmittedBy returns who submitted a job run; empty: nobody knows it.
	SubmittedBy func(run string) string
}

// redacted is the field by which a message says that something in it was hidden.
const redacted = "redacted"

// Hide hides in an answer what its caller may not read. The answer is its server's own, and changes. What is below it
// may be shared, as the messages of the state are: where something in them is hidden, other ones stand in their place.
func (r Reader) Hide(answer proto.Message) {
	m := answer.ProtoReflect()
	for _, c := range r.changes(m) {
		m.Set(c.field, c.value)
	}
}

// change is a field that is to have another value.
type change struct {
	field protoreflect.FieldDescriptor
	value protoreflect.Value
}

// changes returns what is to change in a message so that its caller may read it; none: nothing has to be hidden.
func (r Reader) changes(m protoreflect.Message) (all []change) {
	if createdBy, known := r.whose(m); known && r.May(createdBy) {
		return nil
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if other, changed := r.readable(m, field, value); changed {
			all = append(all, change{field, other})
		}
		return true
	})
	if flag := m.Descriptor().Fields().ByName(redacted); len(all) > 0 && flag != nil {
		all = append(all, change{flag, protoreflect.ValueOfBool(true)})
	}
	return all
}

// readable returns what stands in place of a field's value, if something in it is hidden.
func (r Reader) readable(
	m protoreflect.Message,
	field protoreflect.FieldDescriptor,
	value protoreflect.Value,
) (protoreflect.Value, bool) {
	switch {
	case field.IsMap() && field.MapValue().Kind() == protoreflect.MessageKind:
		return r.entries(m.NewField(field), value.Map())
	case field.Kind() == protoreflect.MessageKind && field.IsList():
		return r.elements(m.NewField(field), value.List())
	case field.Kind() == protoreflect.MessageKind && !field.IsMap():
		return r.message(value.Message())
	case Private(field):
		return hidden(m, field, value), true
	}
	return value, false
}

// message returns a message as its caller may read it: another one, if something in it is hidden.
func (r Reader) message(m protoreflect.Message) (protoreflect.Value, bool) {
	changes := r.changes(m)
	if len(changes) == 0 {
		return protoreflect.ValueOfMessage(m), false
	}
	other := m.New()
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		other.Set(field, value)
		return true
	})
	for _, c := range changes {
		other.Set(c.field, c.value)
	}
	return protoreflect.ValueOfMessage(other), true
}

// elements fills a list, which is empty, with those of another one, as their caller may read them.
func (r Reader) elements(other protoreflect.Value, list protoreflect.List) (_ protoreflect.Value, changed bool) {
	for i := range list.Len() {
		element, is := r.message(list.Get(i).Message())
		other.List().Append(element)
		changed = changed || is
	}
	return other, changed
}

// entries fills a map, which is empty, with those of another one, as their caller may read them.
func (r Reader) entries(other protoreflect.Value, all protoreflect.Map) (_ protoreflect.Value, changed bool) {
	all.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		entry, is := r.message(value.Message())
		other.Map().Set(key, entry)
		changed = changed || is
		return true
	})
	return other, changed
}

// Private says whether a field holds what is private.
func Private(field protoreflect.FieldDescriptor) bool {
	is, _ := proto.GetExtension(field.Options(), specv1.E_Private).(bool)
	return is
}

// hidden returns what stands in place of a value: of a list one mask, so that its length is not told; in a map one
// under each name.
func hidden(m protoreflect.Message, field protoreflect.FieldDescriptor, value protoreflect.Value) protoreflect.Value {
	text := protoreflect.ValueOfString(mask.Text)
	switch {
	case field.IsMap():
		masked := m.NewField(field)
		value.Map().Range(func(name protoreflect.MapKey, _ protoreflect.Value) bool {
			masked.Map().Set(name, text)
			return true
		})
		return masked
	case field.IsList():
		masked := m.NewField(field)
		masked.List().Append(text)
		return masked
	}
	return text
}
