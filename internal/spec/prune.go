package spec

import "google.golang.org/protobuf/reflect/protoreflect"

// prune removes from a message what is there and says nothing: words of enums that are none, and messages without a
// field. inherits says whether the message stands over another one, so that an empty part of it may remove what was
// inherited. Elements and entries stay: that there are so many, and of which keys, was said.
func (o *outline) prune(m protoreflect.Message, inherits bool) {
	for _, f := range o.hollow {
		if !m.Has(f.field) {
			continue
		}
		value := m.Get(f.field)
		switch {
		case f.enum != nil && !f.field.IsList() && !f.keys:
			if value.Enum() == 0 {
				m.Clear(f.field)
			}
		case f.below == nil: // a list or a map of words
		case f.keys:
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				f.below.prune(v.Message(), inherits)
				return true
			})
		case f.field.IsList():
			for i := range value.List().Len() {
				f.below.prune(value.List().Get(i).Message(), inherits)
			}
		default:
			f.below.prune(value.Message(), inherits)
			if !f.stays && (!f.counts || !inherits) && f.below.empty(value.Message()) {
				m.Clear(f.field)
			}
		}
	}
}

func (o *outline) empty(m protoreflect.Message) bool {
	for _, f := range o.fields {
		if m.Has(f.field) {
			return false
		}
	}
	return len(m.GetUnknown()) == 0
}
