package spec

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// fixed are the fields that no update changes, with the reason.
var fixed = map[protoreflect.Name]string{
	"name":   "an application has its name for ever; create another application",
	"engine": "an application has its engine for ever; create another application",
	"tags":   "tags have requests of their own",
}

// Replace returns an application after an update: old, with the fields that mask names taken from other. A field that
// is not in other is removed, or gets its default. Of auto_stop, which says two things, a part that other leaves out
// stays as it was: so an idle timeout that is switched off comes back with its number. It is to be validated as a new
// application is.
func Replace(old, other *specv1.Application, mask []string) (*specv1.Application, error) {
	changed := &specv1.Application{}
	fields := changed.ProtoReflect().Descriptor().Fields()
	for _, name := range mask {
		if err := checkMask(fields, protoreflect.Name(name)); err != nil {
			return nil, err
		}
	}
	for i := range fields.Len() { // what they share is copied with the defaults
		field := fields.Get(i)
		from := old.ProtoReflect()
		if slices.Contains(mask, string(field.Name())) {
			from = other.ProtoReflect()
		}
		if from.Has(field) {
			changed.ProtoReflect().Set(field, from.Get(field))
		}
	}
	if changed.HasAutoStop() {
		changed.SetAutoStop(autoStopOver(old.GetAutoStop(), changed.GetAutoStop()))
	}
	return DefaultApplication(changed), nil
}

// checkMask holds that a field is one that an update may change.
func checkMask(fields protoreflect.FieldDescriptors, name protoreflect.Name) error {
	const at = "update_mask"
	reason, never := fixed[name]
	switch {
	case fields.ByName(name) == nil:
		return wrong(at, "there is no field %.80q; there are %s", string(name), changeable(fields))
	case never:
		return wrong(at, "%s cannot be changed by an update: %s", name, reason)
	}
	return nil
}

// changeable lists what an update may change.
func changeable(fields protoreflect.FieldDescriptors) string {
	var names []string
	for i := range fields.Len() {
		if name := fields.Get(i).Name(); fixed[name] == "" {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, ", ")
}

func autoStopOver(old, other *specv1.AutoStop) *specv1.AutoStop {
	stop := &specv1.AutoStop{}
	for _, said := range []*specv1.AutoStop{old, other} {
		if said.HasEnabled() {
			stop.SetEnabled(said.GetEnabled())
		}
		if said.HasIdleTimeoutMinutes() {
			stop.SetIdleTimeoutMinutes(said.GetIdleTimeoutMinutes())
		}
	}
	return stop
}
