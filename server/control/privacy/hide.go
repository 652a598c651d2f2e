package privacy

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/mask"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
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

// Hide hides in an answer what its caller may not read. Lists and maps of the answer are replaced, never changed: they may be those of
// the state.
func (r Reader) Hide(answer proto.Message) { r.hide(answer.ProtoReflect()) }

// hide returns whether it hid something.
func (r Reader) hide(m protoreflect.Message) (hid bool) {
	if createdBy, known := r.whose(m); known && r.May(createdBy) {
		return false
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() && field.MapValue().Kind() == protoreflect.MessageKind:
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				hid = r.hide(v.Message()) || hid
				return true
			})
		case field.Kind() == protoreflect.MessageKind && field.IsList():
			for i := range value.List().Len() {
				hid = r.hide(value.List().Get(i).Message()) || hid
			}
		case field.Kind() == protoreflect.MessageKind && !field.IsMap():
			hid = r.hide(value.Message()) || hid
		case Private(field):
			m.Set(field, hidden(m, field, value))
			hid = true
		}
		return true
	})
	if flag := m.Descriptor().Fields().ByName(redacted); hid && flag != nil {
		m.Set(flag, protoreflect.ValueOfBool(true))
	}
	return hid
}

// Private says whether a field holds what is private.
func Private(field protoreflect.FieldDescriptor) bool {
	is, _ := proto.GetExtension(field.Options(), controlv1.E_Private).(bool)
	return is
}

// hidden returns what stands in place of a value: of a list one mask, so that its length is not told; in a map one under each name.
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
