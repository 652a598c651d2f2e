package spec

import specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"

// Diff returns the fields in which two applications differ, as the mask of an update names them and in the order of the
// proto. Both have their defaults, or what is not said differs from its default.
func Diff(a, b *specv1.Application) []string {
	var names []string
	fields := a.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		left := a.ProtoReflect()
		right := b.ProtoReflect()
		if left.Has(field) != right.Has(field) || !left.Get(field).Equal(right.Get(field)) {
			names = append(names, string(field.Name()))
		}
	}
	return names
}
